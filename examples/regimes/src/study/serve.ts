/** Makes runs of the regimes whose data are here, for whoever asks on a server. */
import { pathToFileURL } from "node:url";
import { type StudyIdentity, serveStudies } from "@comhe-examples/study-kit";
import { WORKER_FILE } from "../paths.js";
import type { DataFolders, Regime } from "../regimes/regime.js";
import { studyIdentity } from "./make-runs.js";

export interface ServeRegimes {
  readonly regimes: readonly Regime[];
  readonly folders: DataFolders;
  readonly server: string;
  readonly workers: number | undefined;
  readonly signal: AbortSignal;
}

export async function serveRegimes({ regimes, folders, server, workers, signal }: ServeRegimes): Promise<void> {
  const studies: StudyIdentity[] = [];
  for (const regime of regimes) {
    try {
      studies.push(studyIdentity(regime, folders));
    } catch (error) {
      console.error(`${regime.name} isn't served: ${(error as Error).message}`);
    }
  }
  const worker = pathToFileURL(WORKER_FILE);
  const made = await serveStudies({ studies, worker, server, threads: workers, own: folders, signal });
  console.error(`Stopped after ${made} runs.`);
}
