/**
 * A study: runs that were made before are taken from the log, the others are spread over worker threads and appended to
 * it one by one. Stopping and starting again costs only the runs under way.
 */
import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { runElsewhere, type StudyIdentity } from "./elsewhere.js";
import { InterruptedError } from "./errors.js";
import { createProgress } from "./progress.js";
import { type Job, runInWorkers } from "./run-in-workers.js";
import { RunLog } from "./run-log.js";

export interface ExperimentOptions<R> {
  readonly jobs: readonly Job[];
  /** The worker's entry file, which calls `serveRuns`. */
  readonly worker: URL;
  /** JSON lines of finished runs. */
  readonly logFile: string;
  /** A result as the worker or the log gives it; throws where it isn't one. */
  readonly parse: (value: unknown) => R;
  /** A few words about a finished run, for whoever watches. */
  readonly describe: (job: Job, result: R) => string;
  /** Worker threads; default: one per core. */
  readonly threads?: number | undefined;
  /** Forget finished runs. */
  readonly fresh?: boolean | undefined;
  readonly signal: AbortSignal;
  /** A server whose machines make the runs. Default: this machine makes them. */
  readonly on?: { readonly server: string; readonly study: StudyIdentity } | undefined;
}

export interface ExperimentOutcome<R> {
  /** In the order of the jobs. */
  readonly results: readonly R[];
  /** How many runs came from the log. */
  readonly resumed: number;
}

/** @throws InterruptedError when the signal aborts first, RunFailedError when a run fails. */
export async function runExperiment<R>(options: ExperimentOptions<R>): Promise<ExperimentOutcome<R>> {
  const { jobs, logFile, parse } = options;
  if (options.fresh) rmSync(logFile, { force: true });
  if (options.on) return experimentElsewhere(options, options.on);
  const log = new RunLog(logFile);
  const results = takeFinished(jobs, log, parse);
  const resumed = results.size;
  // Two arms with the same settings share their runs.
  const wanted = new Map(jobs.map((job) => [job.key, job]));
  const open = [...wanted.values()].filter(({ key }) => !results.has(key));
  if (open.length > 0) {
    const progress = createProgress(open.length);
    const underWay = new Map<string, number>();
    const done = () => results.size - resumed + [...underWay.values()].reduce((sum, fraction) => sum + fraction, 0);
    try {
      await runInWorkers(open, {
        entry: options.worker,
        threads: options.threads ?? availableParallelism(),
        signal: options.signal,
        onProgress(job, fraction) {
          underWay.set(job.key, fraction);
          progress.update(done());
        },
        onDone(job, value) {
          const result = parse(value);
          log.append({ key: job.key, result: value });
          results.set(job.key, result);
          underWay.delete(job.key);
          progress.finish(options.describe(job, result), done());
        },
      });
    } finally {
      progress.stop();
    }
    if (results.size < wanted.size) throw new InterruptedError(results.size, wanted.size);
  }
  return { results: jobs.map(({ key }) => results.get(key)!), resumed };
}

async function experimentElsewhere<R>(
  { jobs, logFile, parse, signal }: ExperimentOptions<R>,
  { server, study }: NonNullable<ExperimentOptions<R>["on"]>,
): Promise<ExperimentOutcome<R>> {
  const resumed = takeFinished(jobs, new RunLog(logFile), parse).size;
  const isRun = (value: unknown) => {
    try {
      parse(value);
      return true;
    } catch {
      return false;
    }
  };
  const all = new Set(jobs.map(({ key }) => key)).size;
  const progress = createProgress(all);
  let told = 0;
  const onProgress = (done: number) => {
    for (; told < done; told++) progress.finish(`${told + 1} of ${all} runs are here`, told + 1);
  };
  const results = await runElsewhere({ study, server, jobs, logFile, isRun, signal, onProgress }).finally(
    progress.stop,
  );
  return { results: jobs.map(({ key }) => parse(results.get(key))), resumed };
}

/** A stored result that no longer parses is made again. */
function takeFinished<R>(jobs: readonly Job[], log: RunLog, parse: (value: unknown) => R): Map<string, R> {
  const stored = log.read();
  const results = new Map<string, R>();
  for (const { key } of jobs) {
    if (!stored.has(key)) continue;
    try {
      results.set(key, parse(stored.get(key)));
    } catch {}
  }
  return results;
}
