/** The flags of `study`, and what is wrong with them. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ELSEWHERE_FLAGS, ELSEWHERE_HELP, type ElsewhereFlags, parseElsewhere } from "@comhe-examples/study-kit";
import { UserError } from "@comhe-examples/study-kit/worker";
import { RUN_OPTIONS, type RunLine, readRunLine } from "../command-line.js";
import { CONFIG_FOLDER, OUT_FOLDER } from "../paths.js";

export interface StudyLine extends ElsewhereFlags {
  /** What all runs have in common; its seed is the first one. */
  readonly run: RunLine;
  /** Files. */
  readonly configs: readonly string[];
  readonly seeds: number;
  readonly out: string;
  readonly workers: number | undefined;
}

const DEFAULT_CONFIGS = "none,half-space-mhe,random";

export const STUDY_HELP = `Trains several configs on the same seeds, and compares them pair by pair.

  node dist/main.js study --data <folder> [flags]   finished runs are kept, and not made again

  --configs <a,b>   files, or names of those in configs/ (${DEFAULT_CONFIGS})
  --seeds <n>       how many; --seed is the first of them (3)
  --out <folder>    runs.jsonl, checkpoints and report (out/study)
  --workers <n>     runs at a time (one per core; take 1 on a GPU)
${ELSEWHERE_HELP}

and the flags of a single run: --seed, --steps, --batch, --width, --learning-rate, --no-augment, --test-images,
--test-every, --log-every, --checkpoint-every, --runtime. A run that is broken off goes on from its checkpoint, on the
machine that made it. Machines make runs for each other only with the same code, data and TensorFlow.js backend.`;

/** `undefined`: help was asked for. @throws UserError */
export function parseStudyLine(args: readonly string[]): StudyLine | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  for (const flag of ["config", "fresh"] as const) {
    if (values[flag] !== undefined) throw new UserError(`--${flag} is of a single run. See study --help.`);
  }
  const { configs = DEFAULT_CONFIGS, seeds = "3", workers, out = join(OUT_FOLDER, "study") } = values;
  return {
    run: readRunLine(values),
    configs: configs.split(",").map((name) => (/[./\\]/.test(name) ? name : join(CONFIG_FOLDER, `${name}.json`))),
    seeds: positive("seeds", seeds),
    out,
    workers: workers === undefined ? undefined : positive("workers", workers),
    ...parseElsewhere(values),
  };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  const more = { configs: text, seeds: text, workers: text };
  const elsewhere = Object.fromEntries(ELSEWHERE_FLAGS.map((flag) => [flag, text])) as Record<
    (typeof ELSEWHERE_FLAGS)[number],
    typeof text
  >;
  try {
    return parseArgs({ args: [...args], options: { ...RUN_OPTIONS, ...more, ...elsewhere } }).values;
  } catch (error) {
    throw new UserError(`${(error as Error).message} See study --help.`);
  }
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new UserError(`--${flag}: expected a whole number of at least 1, got "${text}".`);
}
