/** Jobs, and the key that says which finished run is the same run. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describeVersions, filesDigest, type Job, runKey, type StudyIdentity } from "@comhe-examples/study-kit";
import type { ArmConfig } from "./arms.js";
import { DATA_FILE, WORKER_FILE } from "./paths.js";
import type { TrainingJob } from "./train.js";

/** What all runs depend on. */
function determinants() {
  const data = filesDigest([DATA_FILE]);
  const packages = ["@comhe/core", "@comhe/tfjs", "@comhe/wasm"].map(packageFolder);
  const code = filesDigest([WORKER_FILE, ...packages]);
  return { data, code, versions: describeVersions(import.meta.url), node: process.version };
}

/** Machines make runs for each other only where data, code and versions are the same. */
export function studyIdentity(): StudyIdentity {
  return { name: "digits", code: runKey(determinants()) };
}

/** Makes jobs that share data and code; both are part of every key. */
export function jobFactory(): (name: string, config: ArmConfig, seed: number, size: RunSize) => Job {
  const shared = determinants();
  return (name, config, seed, { samples, epochs }) => {
    const payload: TrainingJob = { arm: config, seed, samples, epochs };
    return { key: runKey({ payload, ...shared }), arm: name, seed, payload };
  };
}

export interface RunSize {
  readonly samples: number;
  readonly epochs: number;
}

/** The compiled code of a package, whichever version is installed. */
function packageFolder(name: string): string {
  return dirname(fileURLToPath(import.meta.resolve(name)));
}
