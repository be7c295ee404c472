/** The flags, and what is wrong with them. */
import { parseArgs } from "node:util";
import { UserError } from "./errors.js";
import { DEBIAN_DATA_FOLDER, OUT_FOLDER } from "./paths.js";
import { regime } from "./regime.js";

const DEFAULT_SEEDS = 3;

export interface CommandLine {
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

  node dist/main.js         train every arm on every seed, print the table, write results.json and report.html

  --data <folder>   the four IDX files of Fashion-MNIST, gzipped or not (${DEBIAN_DATA_FOLDER})
  --seeds <n>       paired seeds per arm (${DEFAULT_SEEDS})
  --arms <a,b>      only these arms
  --samples <n>     training images per seed, of 60,000 (${regime.samples})
  --epochs <n>      passes over them (${regime.epochs})
  --config <file>   JSON that adds arms or changes them, or one energy config with its "weight"
  --out <folder>    where runs and results go (examples/fashion/out)
  --workers <n>     worker threads (one per core)
  --fresh           forget finished runs instead of taking them up
  --help            this text`;

/** `undefined`: help was asked for. @throws UserError */
export function parseCommandLine(args: readonly string[]): CommandLine | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  return {
    data: values.data ?? DEBIAN_DATA_FOLDER,
    seeds: positive("seeds", values.seeds) ?? DEFAULT_SEEDS,
    arms: values.arms?.split(",").map((name) => name.trim()),
    samples: positive("samples", values.samples) ?? regime.samples,
    epochs: positive("epochs", values.epochs) ?? regime.epochs,
    config: values.config,
    out: values.out ?? OUT_FOLDER,
    workers: positive("workers", values.workers),
    fresh: values.fresh ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        data: { type: "string" },
        seeds: { type: "string" },
        arms: { type: "string" },
        samples: { type: "string" },
        epochs: { type: "string" },
        config: { type: "string" },
        out: { type: "string" },
        workers: { type: "string" },
        fresh: { type: "boolean" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new UserError(`${(error as Error).message} See --help.`);
  }
}

function positive(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new UserError(`--${flag}: expected a whole number of at least 1, got "${text}".`);
  }
  return value;
}
