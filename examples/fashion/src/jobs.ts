/** Jobs, and the key that says which finished run is the same run. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { filesDigest, type Job, runKey, type StudyIdentity } from "@comhe-examples/study-kit";
import type { Arm } from "./arms.js";
import { fashionFiles } from "./fashion-data.js";
import { WORKER_FILE } from "./paths.js";
import type { TrainingJob } from "./train.js";

export interface RunSize {
  readonly samples: number;
  readonly epochs: number;
}

/** What all runs depend on: the contents of data and code, the folder isn't. */
function determinants(folder: string) {
  const files = fashionFiles(folder);
  const data = filesDigest([...files.training, ...files.test]);
  const packages = ["@comhe/core", "@comhe/tfjs", "@comhe-examples/study-kit/training"];
  const code = filesDigest([WORKER_FILE, ...packages.map(packageFolder)]);
  return { data, code, node: process.version };
}

/** Machines make runs for each other only where data and code are the same. */
export function studyIdentity(folder: string): StudyIdentity {
  return { name: "fashion", code: runKey(determinants(folder)) };
}

/** Makes jobs that share data and code; both are part of every key. */
export function jobFactory(folder: string): (arm: Arm, seed: number, size: RunSize) => Job {
  const shared = determinants(folder);
  return ({ name, regularize }, seed, { samples, epochs }) => {
    const job: TrainingJob = { ...(regularize ? { regularize } : {}), seed, samples, epochs };
    return { key: runKey({ job, ...shared }), arm: name, seed, payload: job };
  };
}

/** The compiled code of a package, whichever version is installed. */
function packageFolder(name: string): string {
  return dirname(fileURLToPath(import.meta.resolve(name)));
}
