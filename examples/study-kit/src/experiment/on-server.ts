/**
 * A study's runs by the machines on a server: whoever asks for the study puts the runs there that are missing here, and the same program, started
 * with `--serve` elsewhere, makes them. A plan names no code: a machine makes runs of its own code and data, if those are the same.
 */
import { connectTo, submit, work } from "@comhe/jobs/nats";
import { InterruptedError, RunFailedError } from "./errors.js";
import type { StudyRuns } from "./places.js";
import { type StudyIdentity, threadData } from "./study-identity.js";

const onLog = (line: string) => process.stderr.write(`${line}\n`);

/** @param server nats://host[:port] @throws InterruptedError, RunFailedError */
export async function runOnServer({ plan, kept, jobs, signal }: StudyRuns, server: string): Promise<void> {
  const connection = await connectTo(server);
  try {
    const outcome = await submit(connection, plan, { store: kept, signal, onLog });
    if (outcome.cancelled) throw new InterruptedError(outcome.done, plan.runs.length);
    const [failure] = outcome.failed;
    if (failure === undefined) return;
    const { arm, seed } = jobs[failure.number]!;
    throw new RunFailedError(arm, seed, `${failure.error} (${failure.worker}, after ${failure.tries} tries)`);
  } finally {
    await connection.close();
  }
}

/** Of {@link serveStudies}. */
export interface ServeOptions {
  readonly studies: readonly StudyIdentity[];
  /** The worker's entry file, which calls `serveRuns`. */
  readonly worker: URL;
  /** nats://host[:port] */
  readonly server: string;
  /** Runs at a time. Default: one for each core. */
  readonly threads?: number | undefined;
  /** What this machine's worker threads are told: where data lie here, say. */
  readonly own?: unknown;
  readonly signal: AbortSignal;
}

/** Makes runs for others until it is interrupted. @returns how many it made */
export async function serveStudies(options: ServeOptions): Promise<number> {
  const { studies, worker, server, threads, own, signal } = options;
  const connection = await connectTo(server, { onWaiting: onLog });
  try {
    return await work(connection, { entry: worker, threads, signal, onLog, data: threadData(studies, own) });
  } finally {
    await connection.close();
  }
}
