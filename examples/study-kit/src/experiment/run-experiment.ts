/**
 * A study: runs that were made before are taken from the file of lines, the others are pieces of a plan, made here or by other machines, and
 * appended to it one by one. Stopping and starting again costs only the runs under way.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { pieceNames, planStudy, type ResultStore, type StudyPlan } from "@comhe/jobs";
import { lineStore } from "@comhe/jobs/node";
import { UserError } from "../command/user-error.js";
import { InterruptedError } from "./errors.js";
import type { Job } from "./job.js";
import { runOnServer } from "./on-server.js";
import { runHere, runInFolder, type Share, type StudyRuns } from "./places.js";
import { createProgress } from "./progress.js";
import type { StudyIdentity } from "./study-identity.js";

/** A server whose machines make the runs; or a folder that several machines see, each of which makes its share. */
export type Elsewhere = { readonly server: string } | { readonly folder: string; readonly share: Share };

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
  /** What this machine's worker threads are told: where data lie here, say. Plain data. */
  readonly own?: unknown;
  /** Needed where other machines make runs, too. */
  readonly study?: StudyIdentity | undefined;
  /** Default: this machine makes all runs. */
  readonly on?: Elsewhere | undefined;
}

export interface ExperimentOutcome<R> {
  /** In the order of the jobs. */
  readonly results: readonly R[];
  /** How many runs came from the log. */
  readonly resumed: number;
  /** Runs in the log that are of other settings, data or code: left where they are. */
  readonly others: number;
}

/** Of runs that this machine alone makes: nobody else has to agree. */
const unnamed: StudyIdentity = { name: "study", code: "00000000" };

/** @throws InterruptedError when the signal aborts first, RunFailedError when a run fails, RunsMissingError where other machines' are missing. */
export async function runExperiment<R>(options: ExperimentOptions<R>): Promise<ExperimentOutcome<R>> {
  const { logFile, parse, signal, on, study = unnamed } = options;
  if (on && options.study === undefined)
    throw new UserError("This study has no name for other machines to serve it by.");
  if (options.fresh) rmSync(logFile, { force: true });
  // Two arms with the same settings share their runs.
  const jobs = [...new Map(options.jobs.map((job) => [job.key, job])).values()];
  const plan = planStudy(
    study.name,
    study.code,
    jobs.map(({ key, payload }) => ({ key, payload })),
  );
  const lines = countLines(logFile);
  const kept = await lineStore(logFile, plan, (value) => parses(parse, value));
  const resumed = (await kept.names()).size;
  if (resumed < jobs.length) await makeRuns(options, { plan, kept, jobs, signal }, resumed);
  const done = (await kept.names()).size;
  if (done < jobs.length) throw new InterruptedError(done, jobs.length);
  const results = await resultsByKey(plan, kept, parse);
  return { results: options.jobs.map(({ key }) => results.get(key)!), resumed, others: lines - resumed };
}

async function makeRuns<R>(options: ExperimentOptions<R>, runs: StudyRuns, resumed: number): Promise<void> {
  const { worker, threads, own, on, parse, describe } = options;
  const { plan, jobs } = runs;
  const progress = createProgress(jobs.length - resumed);
  const numbers = new Map((await pieceNames(plan)).map((name, number) => [name, number]));
  let [finished, underWay] = [0, 0];
  const kept: ResultStore = {
    ...runs.kept,
    async put(result) {
      const isNew = await runs.kept.put(result);
      const job = jobs[numbers.get(result.piece)!];
      if (isNew && job) {
        finished++;
        progress.finish(describe(job, parse(result.value)), finished + underWay);
      }
      return isNew;
    },
  };
  const onUnderWay = (shares: number) => {
    underWay = shares;
    progress.update(finished + underWay);
  };
  const here = { worker, threads, own, onUnderWay };
  try {
    if (on === undefined) await runHere({ ...runs, kept }, here);
    else if ("server" in on) await runOnServer({ ...runs, kept }, on.server);
    else await runInFolder({ ...runs, kept }, { ...here, ...on });
  } finally {
    progress.stop();
  }
}

async function resultsByKey<R>(plan: StudyPlan, kept: ResultStore, parse: (value: unknown) => R) {
  const results = new Map<string, R>();
  for (const [number, name] of (await pieceNames(plan)).entries()) {
    results.set(plan.runs[number]!.key, parse((await kept.get(name))!.value));
  }
  return results;
}

/** A stored result that no longer parses is made again. */
function parses(parse: (value: unknown) => unknown, value: unknown): boolean {
  try {
    parse(value);
    return true;
  } catch {
    return false;
  }
}

const countLines = (file: string): number =>
  existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "").length
    : 0;
