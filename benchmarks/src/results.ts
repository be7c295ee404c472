/** `results/PART.json`: what a part measured, where and when. The page of plots is made from these files. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { Ceilings } from "./ceilings.js";
import type { CostCase } from "./cost/cost-case.js";
import type { CaseResult } from "./measure/case-result.js";
import type { GrowthResults } from "./parts/growth.js";
import type { LibraryCase } from "./parts/libraries.js";
import type { MemoryResults } from "./parts/memory.js";

export interface PartResults {
  readonly pairwise: readonly CaseResult[];
  readonly random: readonly CaseResult[];
  readonly network: readonly CaseResult[];
  readonly growth: GrowthResults;
  readonly memory: MemoryResults;
  readonly cost: readonly CostCase[];
  readonly libraries: readonly LibraryCase[];
  readonly variations: readonly CaseResult[];
}

export interface Provenance {
  readonly date: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGiB: number };
  /** Of what computes: Node, packages, PyTorch where it took part. */
  readonly versions: Readonly<Record<string, string>>;
  /** Absent in files of earlier runs. */
  readonly ceilings?: Ceilings;
}

export interface ResultsFile<P extends keyof PartResults> extends Provenance {
  readonly results: PartResults[P];
}

export const resultsFolder = join(import.meta.dirname, "..", "results");

export function provenance(others: Readonly<Record<string, string>>, ceilings: Ceilings): Provenance {
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: {
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
    },
    versions: { node: process.version, ...packageVersions(), ...others },
    ceilings,
  };
}

export function writeResults<P extends keyof PartResults>(folder: string, part: P, file: ResultsFile<P>): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${part}.json`);
  // Times to four digits: the rest is noise, and noise in every diff.
  const round = (_key: string, value: unknown) =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
  writeFileSync(path, `${JSON.stringify(file, round, 2)}\n`);
  return path;
}

/** @returns `undefined` where there is no such file */
export function readResults<P extends keyof PartResults>(folder: string, part: P): ResultsFile<P> | undefined {
  const path = join(folder, `${part}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as ResultsFile<P>) : undefined;
}

const packages = [
  ...["@comhe/core", "@comhe/wasm", "@comhe/native", "@comhe/onnx", "@comhe/tfjs"],
  ...["@tensorflow/tfjs", "onnxruntime-node"],
];

function packageVersions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  return Object.fromEntries(
    packages.flatMap((name) => {
      try {
        return [[name, (require(`${name}/package.json`) as { version: string }).version]];
      } catch {
        return [];
      }
    }),
  );
}
