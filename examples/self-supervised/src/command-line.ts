/** The flags, and what is wrong with them. */
import { parseStudyFlags, UserError } from "@comhe-examples/study-kit";
import { OUT_FOLDER } from "./paths.js";
import { DIMENSIONS, type Dimension, regime } from "./regime.js";

const DEFAULT_SEEDS = 3;
const DEFAULT_TUNING_SEEDS = 2;

export interface CommandLine {
  readonly command: "run" | "tune" | "table";
  readonly dimension: Dimension;
  readonly seeds: number;
  readonly arms: readonly string[] | undefined;
  readonly steps: number;
  readonly out: string;
  readonly workers: number | undefined;
  readonly fresh: boolean;
}

export const HELP = `Digits without labels: an encoder learns from two views of each image, embeddings spread by an energy of the batch.

  node dist/main.js [run]    train the arms on every seed, print the table, write results.json and report.html
  node dist/main.js table    print the tables of the results in the repository, and draw their curves
  node dist/main.js tune     choose the arms' weights on validation rows, write them into tuning.json

  --dimensions <n>  dimensions of the embedding: ${DIMENSIONS.join(", ")} (${DIMENSIONS[0]})
  --seeds <n>       paired seeds per arm (run: ${DEFAULT_SEEDS}, tune: ${DEFAULT_TUNING_SEEDS})
  --arms <a,b>      only these arms
  --steps <n>       training steps (${regime.steps})
  --out <folder>    where runs and results go (examples/self-supervised/out)
  --workers <n>     worker threads (one per core)
  --fresh           make all runs anew, finished ones too
  --help            this text`;

/** `undefined`: help was asked for. @throws UserError */
export function parseCommandLine(args: readonly string[]): CommandLine | undefined {
  const { flags, own, positionals } = parseStudyFlags(args, { own: ["dimensions", "steps"], allowPositionals: true });
  if (flags.help) return undefined;
  const [command = "run", ...more] = positionals;
  if ((command !== "run" && command !== "tune" && command !== "table") || more.length > 0) {
    throw new UserError(`Expected one command out of run, table, tune; got "${positionals.join(" ")}". See --help.`);
  }
  const asked = own.dimensions ?? String(DIMENSIONS[0]);
  const dimension = DIMENSIONS.find((each) => String(each) === asked);
  if (dimension === undefined) {
    throw new UserError(
      `--dimensions: expected ${DIMENSIONS.join(", ")}, for which there are weights; got "${asked}".`,
    );
  }
  const steps = Number(own.steps ?? regime.steps);
  if (!Number.isInteger(steps) || steps < 1) {
    throw new UserError(`--steps: expected a whole number of at least 1, got "${own.steps}".`);
  }
  const { arms, workers, fresh, out = OUT_FOLDER } = flags;
  const seeds = flags.seeds ?? (command === "tune" ? DEFAULT_TUNING_SEEDS : DEFAULT_SEEDS);
  return { command, dimension, seeds, arms, steps, out, workers, fresh };
}
