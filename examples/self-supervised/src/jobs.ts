/** Jobs, and the key that says which finished run is the same run. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describeVersions, filesDigest, type Job, runKey } from "@comhe-examples/study-kit";
import type { Arm } from "./arms.js";
import type { CommandLine } from "./command-line.js";
import { DATA_FILE, WORKER_FILE } from "./paths.js";
import type { TrainingJob } from "./train.js";

/** Makes jobs that share data and code; both are part of every key. */
export function jobFactory({ dimension, steps }: CommandLine): (arm: Arm, seed: number, picture: boolean) => Job {
  const data = filesDigest([DATA_FILE]);
  const packages = ["@comhe/core", "@comhe/tfjs", "@comhe/wasm"].map(packageFolder);
  const code = filesDigest([WORKER_FILE, ...packages]);
  const versions = describeVersions(import.meta.url);
  return ({ name, spreading, weight }, seed, picture) => {
    const payload: TrainingJob = { spreading, weight, dimension, seed, steps, picture };
    return { key: runKey({ payload, data, code, versions, node: process.version }), arm: name, seed, payload };
  };
}

/** The compiled code of a package, whichever version is installed. */
function packageFolder(name: string): string {
  return dirname(fileURLToPath(import.meta.resolve(name)));
}
