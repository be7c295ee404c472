/** Jobs, and the key that says which finished run is the same run. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describeVersions, filesDigest, type Job, runKey } from "@comhe-examples/study-kit";
import type { ArmConfig } from "./arms.js";
import { DATA_FILE, WORKER_FILE } from "./paths.js";
import type { TrainingJob } from "./train.js";

/** Makes jobs that share data and code; both are part of every key. */
export function jobFactory(): (name: string, config: ArmConfig, seed: number, size: RunSize) => Job {
  const data = filesDigest([DATA_FILE]);
  const packages = ["@comhe/core", "@comhe/tfjs", "@comhe/wasm"].map(packageFolder);
  const code = filesDigest([WORKER_FILE, ...packages]);
  const versions = describeVersions(import.meta.url);
  return (name, config, seed, { samples, epochs }) => {
    const payload: TrainingJob = { arm: config, seed, samples, epochs };
    return { key: runKey({ payload, data, code, versions, node: process.version }), arm: name, seed, payload };
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
