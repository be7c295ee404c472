/** The flags, and what is wrong with them. */
import {
  ELSEWHERE_FLAGS,
  ELSEWHERE_HELP,
  type ElsewhereFlags,
  parseElsewhere,
  parseStudyFlags,
} from "@comhe-examples/study-kit";
import { DEBIAN_DATA_FOLDER, OUT_FOLDER } from "./paths.js";
import { regime } from "./regime.js";

const DEFAULT_SEEDS = 3;

export interface CommandLine extends ElsewhereFlags {
  readonly data: string;
  readonly seeds: number;
  readonly arms: readonly string[] | undefined;
  readonly samples: number;
  readonly epochs: number;
  readonly config: string | undefined;
  readonly out: string;
  readonly workers: number | undefined;
  readonly fresh: boolean;
}

export const HELP = `Trains a convolutional network on Fashion-MNIST, with and without hyperspherical energy.

  node dist/main.js         train every arm (networks that differ in one setting) on every seed, print the table, write results.json and report.html

  --data <folder>   the four IDX files of Fashion-MNIST, gzipped or not (${DEBIAN_DATA_FOLDER})
  --seeds <n>       paired seeds per arm (${DEFAULT_SEEDS})
  --arms <a,b>      only these arms
  --samples <n>     training images per seed, of 60,000 (${regime.samples})
  --epochs <n>      passes over the training images (${regime.epochs})
  --config <file>   JSON that adds arms or changes them, or one energy config with its "weight"
  --out <folder>    where runs and results go (examples/fashion/out)
  --workers <n>     worker threads (one per core)
${ELSEWHERE_HELP}
  --fresh           make all runs anew, finished ones too
  --help            this text`;

/** `undefined`: help was asked for. @throws UserError */
export function parseCommandLine(args: readonly string[]): CommandLine | undefined {
  const { flags, own } = parseStudyFlags(args, { own: ["data", ...ELSEWHERE_FLAGS] });
  if (flags.help) return undefined;
  return {
    data: own.data ?? DEBIAN_DATA_FOLDER,
    seeds: flags.seeds ?? DEFAULT_SEEDS,
    arms: flags.arms,
    samples: flags.samples ?? regime.samples,
    epochs: flags.epochs ?? regime.epochs,
    config: flags.config,
    out: flags.out ?? OUT_FOLDER,
    workers: flags.workers,
    fresh: flags.fresh,
    ...parseElsewhere(own),
  };
}
