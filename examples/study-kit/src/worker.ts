/**
 * The worker thread's side of an experiment: call {@link serveRuns} at the end of the worker's entry file. Apart from the
 * rest, so that workers don't load the report's libraries.
 */
import { parentPort } from "node:worker_threads";
import type { JobMessage, WorkerMessage } from "./experiment/protocol.js";

export { UserError } from "./command/user-error.js";
export { angleBin } from "./statistics/angle-bin.js";

/** Reports how much of a run is done, from 0 to 1. */
export type ReportProgress = (fraction: number) => void;

/** Answers every job the main thread sends with what `train` returns: a value that survives JSON. */
export function serveRuns(train: (payload: unknown, report: ReportProgress) => Promise<unknown>): void {
  const port = parentPort;
  if (port === null) throw new Error("serveRuns() belongs in a worker thread; start it through runExperiment().");
  const [study, code] = process.env.COMHE_STUDY?.split(" ") ?? [];
  if (study !== undefined && code !== undefined) {
    void serveOthers(study, code, train);
    return;
  }
  const post = (message: WorkerMessage) => port.postMessage(message);
  port.on("message", async (job: JobMessage) => {
    try {
      post({ kind: "done", result: await train(job.payload, (fraction) => post({ kind: "progress", fraction })) });
    } catch (error) {
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      post({ kind: "failed", message, stack });
    }
  });
}

/** Runs for other machines, as pieces: `serveStudy` started this thread. Pieces of a study need no backend of energies. */
async function serveOthers(
  study: string,
  code: string,
  train: (payload: unknown, report: ReportProgress) => Promise<unknown>,
): Promise<void> {
  const [{ servePieces }, { referenceBackend }] = await Promise.all([
    import("@comhe/jobs/node"),
    import("@comhe/core"),
  ]);
  const loadBackend = async () => referenceBackend() as never;
  await servePieces({ loadBackend, studies: { [study]: { code, run: train } } });
}
