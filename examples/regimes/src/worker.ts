/** A worker thread: opens regimes as it meets them, and makes the runs it is sent. */
import { serveRuns } from "@comhe-examples/study-kit/worker";
import { regimeNamed } from "./regimes/all.js";
import type { DataFolders, TrainingJob } from "./regimes/regime.js";

const opened = new Map<string, ReturnType<ReturnType<typeof regimeNamed>["open"]>>();

/** The data lie where this machine's owner says, whoever asks for a run. */
serveRuns<DataFolders>(async (payload, _, folders) => {
  const job = payload as TrainingJob;
  const name = job.regime;
  if (!opened.has(name)) opened.set(name, regimeNamed(name).open(folders));
  return (await opened.get(name)!)(job);
});
