/** The flags, and what is wrong with them. */
import {
  ELSEWHERE_FLAGS,
  ELSEWHERE_HELP,
  type ElsewhereFlags,
  parseElsewhere,
  parseStudyFlags,
  UserError,
} from "@comhe-examples/study-kit";
import { OUT_FOLDER } from "./paths.js";
import { regime } from "./regime.js";

export const FULL_STUDY_SEEDS = 24;
const DEFAULT_SEEDS = 4;
const DEFAULT_TUNING_SEEDS = 9;

export const COMMANDS = ["run", "tune", "bench"] as const;
export type Command = (typeof COMMANDS)[number];

export interface CommandLine extends ElsewhereFlags {
  readonly command: Command;
  readonly seeds: number;
  readonly arms: readonly string[] | undefined;
  readonly samples: number;
  readonly epochs: number;
  readonly config: string | undefined;
  readonly out: string;
  readonly workers: number | undefined;
  readonly fresh: boolean;
}

export const HELP = `Trains a deep, plain network on few real digits, with and without hyperspherical energy.

  node dist/main.js [run]    train the arms (networks that differ in one setting) on every seed, print the table, write results.json and report.html
  node dist/main.js tune     choose the arms' settings on validation rows, write tuning.json
  node dist/main.js bench    time a training step on each backend, with and without regularizers

  --seeds <n>       paired seeds per arm (run: ${DEFAULT_SEEDS}, the full study: ${FULL_STUDY_SEEDS}; tune: ${DEFAULT_TUNING_SEEDS})
  --arms <a,b>      only these arms; "all": also those that are trained on request only (every projection and distribution)
  --samples <n>     training images per seed (${regime.samples})
  --epochs <n>      passes over the training images (${regime.epochs})
  --config <file>   JSON that adds arms or changes them, or one energy config with its "weight"
  --out <folder>    where runs and results go (examples/digits/out)
  --workers <n>     worker threads (one per core)
${ELSEWHERE_HELP}
  --fresh           make all runs anew, finished ones too
  --help            this text`;

/** `undefined`: help was asked for. @throws UserError */
export function parseCommandLine(args: readonly string[]): CommandLine | undefined {
  const { flags, own, positionals } = parseStudyFlags(args, { own: ELSEWHERE_FLAGS, allowPositionals: true });
  if (flags.help) return undefined;
  const command = COMMANDS.find((name) => name === (positionals[0] ?? "run"));
  if (command === undefined || positionals.length > 1) {
    throw new UserError(
      `Expected one command out of ${COMMANDS.join(", ")}; got "${positionals.join(" ")}". See --help.`,
    );
  }
  const elsewhere = parseElsewhere(own);
  if (command !== "run" && (elsewhere.on ?? elsewhere.serve) !== undefined) {
    throw new UserError(`--on and --serve are of the study itself; ${command} runs here alone.`);
  }
  return {
    command,
    seeds: flags.seeds ?? (command === "tune" ? DEFAULT_TUNING_SEEDS : DEFAULT_SEEDS),
    arms: flags.arms,
    samples: flags.samples ?? regime.samples,
    epochs: flags.epochs ?? regime.epochs,
    config: flags.config,
    out: flags.out ?? OUT_FOLDER,
    workers: flags.workers,
    fresh: flags.fresh,
    ...elsewhere,
  };
}
