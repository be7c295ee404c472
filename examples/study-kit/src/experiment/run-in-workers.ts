/**
 * A queue of runs over worker threads. Each thread takes the next run as soon as it is free. The first failure stops
 * all of them: a study with a hole in it is not a paired study.
 */
import { Worker } from "node:worker_threads";
import { RunFailedError } from "./errors.js";
import type { JobMessage, WorkerMessage } from "./protocol.js";

/** One run to make. `payload` is all that the worker gets. */
export interface Job {
  readonly key: string;
  readonly arm: string;
  readonly seed: number;
  readonly payload: unknown;
}

export interface WorkerRunOptions {
  readonly entry: URL;
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly onProgress: (job: Job, fraction: number) => void;
  readonly onDone: (job: Job, result: unknown) => void;
}

/** Resolves when every run is done or the signal aborted; rejects with the first failure. */
export async function runInWorkers(jobs: readonly Job[], options: WorkerRunOptions): Promise<void> {
  const queue = [...jobs];
  const failure = new AbortController();
  const stop = AbortSignal.any([options.signal, failure.signal]);
  const threads = Array.from({ length: Math.min(options.threads, jobs.length) }, async () => {
    try {
      await drain(queue, options, stop);
    } catch (error) {
      failure.abort();
      throw error;
    }
  });
  for (const outcome of await Promise.allSettled(threads)) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
}

/** One thread: takes runs off the queue until it is empty or told to stop. */
async function drain(queue: Job[], options: WorkerRunOptions, stop: AbortSignal): Promise<void> {
  const worker = new Worker(options.entry);
  try {
    while (!stop.aborted) {
      const job = queue.shift();
      if (job === undefined) return;
      const result = await runOne(worker, job, options, stop);
      if (result !== undefined) options.onDone(job, result.value);
    }
  } finally {
    await worker.terminate();
  }
}

/** `undefined`: stopped before it was done. */
function runOne(
  worker: Worker,
  job: Job,
  options: WorkerRunOptions,
  stop: AbortSignal,
): Promise<{ value: unknown } | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      stop.removeEventListener("abort", onAbort);
      then();
    };
    const fail = (reason: string, cause?: unknown) =>
      settle(() => reject(new RunFailedError(job.arm, job.seed, reason, { cause })));
    const onMessage = (message: WorkerMessage) => {
      if (message.kind === "progress") options.onProgress(job, message.fraction);
      else if (message.kind === "done") settle(() => resolve({ value: message.result }));
      else fail(message.message, message.stack);
    };
    const onError = (error: unknown) =>
      fail(`its worker thread crashed: ${error instanceof Error ? error.message : error}`, error);
    const onExit = (code: number) => fail(`its worker thread ended with exit code ${code} before the run was done`);
    const onAbort = () => settle(() => resolve(undefined));
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    stop.addEventListener("abort", onAbort);
    const message: JobMessage = { kind: "job", payload: job.payload };
    worker.postMessage(message);
  });
}
