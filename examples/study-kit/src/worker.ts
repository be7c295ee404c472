/**
 * The worker thread's side of an experiment: call {@link serveRuns} at the end of the worker's entry file. Apart from the
 * rest, so that workers don't load the report's libraries.
 */
import { isMainThread, workerData } from "node:worker_threads";
import { servePieces, type ThreadSettings } from "@comhe/jobs/node";
import type { StudyThreadData } from "./experiment/study-identity.js";

export { UserError } from "./command/user-error.js";
export { runKey } from "./experiment/run-key.js";
export { angleBin } from "./statistics/angle-bin.js";

/** Reports how much of a run is done, from 0 to 1. */
export type ReportProgress = (fraction: number) => void;

/**
 * Answers every job the main thread sends with what `train` returns: a value that survives JSON.
 *
 * @param train `own` is what this machine's main thread tells its threads, whoever asked for the run
 */
export function serveRuns<Own = undefined>(
  train: (payload: unknown, report: ReportProgress, own: Own) => Promise<unknown>,
): void {
  if (isMainThread) throw new Error("serveRuns() belongs in a worker thread; start it through runExperiment().");
  const { studies, own } = (workerData as ThreadSettings).data as StudyThreadData;
  const run = (payload: unknown, report: ReportProgress) => train(payload, report, own as Own);
  void servePieces({
    studies: Object.fromEntries(Object.entries(studies).map(([name, code]) => [name, { code, run }])),
  });
}
