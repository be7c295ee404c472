/**
 * A study's runs on several machines: whoever asks for the study puts the runs on a server that is missing here, and the same program, started
 * with `--serve` elsewhere, makes them. A plan names no code: a machine makes runs of its own code, if that is the same.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { pieceNames, planStudy, type StoredResult } from "@comhe/jobs";
import { connectTo, submit, work } from "@comhe/jobs/nats";
import { lineStore } from "@comhe/jobs/node";
import { InterruptedError, RunFailedError } from "./errors.js";
import type { Job } from "./run-in-workers.js";
import { filesDigest, runKey } from "./run-key.js";

/** Where the name and the code of a study are told to its worker threads. */
export const STUDY_VARIABLE = "COMHE_STUDY";

/** What is the same on all machines, or they don't make runs of one study. */
export interface StudyIdentity {
  /** Short, in small letters: "digits". */
  readonly name: string;
  /** The worker's entry file, built. */
  readonly worker: URL;
  /** Versions of what computes. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Digest of the code that makes runs. Data are in the runs' own keys. */
function codeOf({ worker, versions }: StudyIdentity): string {
  return runKey({ worker: filesDigest([dirname(fileURLToPath(worker))]), versions, node: process.version });
}

/** Of {@link runElsewhere}. */
export interface ElsewhereOptions {
  readonly study: StudyIdentity;
  /** nats://host[:port] */
  readonly server: string;
  readonly jobs: readonly Job[];
  readonly logFile: string;
  readonly isRun: (result: unknown) => boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
}

/** Results by the keys of jobs. @throws InterruptedError, RunFailedError */
export async function runElsewhere(options: ElsewhereOptions): Promise<ReadonlyMap<string, unknown>> {
  const { study, server, jobs, logFile, isRun, signal, onProgress } = options;
  const runs = [...new Map(jobs.map(({ key, payload }) => [key, { key, payload }])).values()];
  const plan = planStudy(study.name, codeOf(study), runs);
  const kept = await lineStore(logFile, plan, isRun);
  const results = new Map<string, unknown>();
  const connection = await connectTo(server);
  try {
    const outcome = await submit(connection, plan, {
      ...{ store: kept, signal },
      onProgress: ({ done }) => onProgress(done),
      onLog: (line) => process.stderr.write(`${line}\n`),
    });
    if (outcome.interrupted || outcome.cancelled) throw new InterruptedError(outcome.done, runs.length);
    const [failure] = outcome.failed;
    if (failure) {
      const job = jobs.find(({ key }) => key === runs[failure.number]!.key)!;
      throw new RunFailedError(job.arm, job.seed, `${failure.error} (${failure.worker}, after ${failure.tries} tries)`);
    }
  } finally {
    await connection.close();
  }
  for (const [n, name] of (await pieceNames(plan)).entries()) {
    results.set(runs[n]!.key, ((await kept.get(name)) as StoredResult).value);
  }
  return results;
}

/** Makes runs for others until it is interrupted. @returns how many it made */
export async function serveStudy(
  study: StudyIdentity,
  server: string,
  { threads, signal }: { readonly threads: number | undefined; readonly signal: AbortSignal },
): Promise<number> {
  process.env[STUDY_VARIABLE] = `${study.name} ${codeOf(study)}`;
  const onLog = (line: string) => process.stderr.write(`${line}\n`);
  const connection = await connectTo(server, { onWaiting: onLog });
  try {
    return await work(connection, { entry: study.worker, threads, signal, onLog });
  } finally {
    await connection.close();
  }
}
