/** A worker thread: opens regimes as it meets them, and makes the runs it is sent. */
import { serveRuns } from "@comhe-examples/study-kit/worker";
import { regimeNamed } from "./regimes/all.js";
import type { DataFolders, TrainingJob } from "./regimes/regime.js";

export interface WorkerJob {
  readonly folders: DataFolders;
  readonly job: TrainingJob;
}

const opened = new Map<string, ReturnType<ReturnType<typeof regimeNamed>["open"]>>();

serveRuns(async (payload) => {
  const { folders, job } = payload as WorkerJob;
  const name = job.regime;
  if (!opened.has(name)) opened.set(name, regimeNamed(name).open(folders));
  return (await opened.get(name)!)(job);
});
