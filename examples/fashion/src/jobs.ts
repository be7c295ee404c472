/** Jobs, and the key that says which finished run is the same run. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { filesDigest, type Job, runKey } from "@comhe-examples/study-kit";
import type { Arm } from "./arms.js";
import { fashionFiles } from "./fashion-data.js";
import { WORKER_FILE } from "./paths.js";
import type { TrainingJob } from "./train.js";
import type { WorkerJob } from "./worker.js";

export interface RunSize {
  readonly samples: number;
  readonly epochs: number;
}

/** Makes jobs that share data and code; the contents of both are part of every key, the folder isn't. */
export function jobFactory(folder: string): (arm: Arm, seed: number, size: RunSize) => Job {
  const files = fashionFiles(folder);
  const data = filesDigest([...files.training, ...files.test]);
  const packages = ["@comhe/core", "@comhe/tfjs", "@comhe-examples/study-kit/training"];
  const code = filesDigest([WORKER_FILE, ...packages.map(packageFolder)]);
  return ({ name, regularize }, seed, { samples, epochs }) => {
    const job: TrainingJob = { ...(regularize ? { regularize } : {}), seed, samples, epochs };
    const payload: WorkerJob = { data: folder, job };
    return { key: runKey({ job, data, code, node: process.version }), arm: name, seed, payload };
  };
}

/** The compiled code of a package, whichever version is installed. */
function packageFolder(name: string): string {
  return dirname(fileURLToPath(import.meta.resolve(name)));
}
