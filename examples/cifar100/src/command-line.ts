/** The flags, and what is wrong with them. */
import { join } from "node:path";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { UserError } from "@comhe-examples/study-kit/worker";
import { CONFIG_FOLDER, OUT_FOLDER } from "./paths.js";
import { recipe } from "./recipe.js";

/** What a run depends on besides its config, and how often it is logged and tested. */
export interface RunSettings {
  readonly seed: number;
  readonly steps: number;
  readonly batch: number;
  readonly width: number;
  readonly learningRate: number;
  readonly augment: boolean;
  readonly testImages: number | undefined;
  readonly testEvery: number;
  readonly logEvery: number;
}

export interface RunLine extends RunSettings {
  readonly command: "train";
  readonly data: string;
  readonly config: string;
  readonly out: string | undefined;
  readonly checkpointEvery: number;
  readonly prefer: string | undefined;
  readonly fresh: boolean;
}

export interface DigitPairsLine {
  readonly command: "digit-pairs";
  readonly folder: string;
}

/** A run to be written down. */
export interface RecordLine {
  readonly command: "record";
  readonly run: RunLine;
  readonly folder: string;
}

export interface ReplaysLine {
  readonly command: "replays";
  readonly recordings: readonly string[];
  readonly out: string;
}

export interface ReportLine {
  readonly command: "report";
  readonly runs: readonly string[];
  readonly out: string;
}

/** Of a recording, unless --steps says otherwise. */
const RECORDED_STEPS = 200;

export const HELP = `Trains the authors' network on CIFAR-100, with or without hyperspherical energy.

  node dist/main.js --data <folder> [flags]     train; the same command continues an interrupted run
  node dist/main.js study --help                train several configs on several seeds, here or on many machines
  node dist/main.js record --data <folder> --out <folder> [flags]   make a short run, and keep all that another framework needs to repeat it
  node dist/main.js replays <recordings>        compare such runs with their repetitions by benchmarks/peers/replay.py: tables, replays.json, a picture
  node dist/main.js report <run folders>        put several finished runs into one table and report
  node dist/main.js digit-pairs <folder>        write pairs of handwritten digits as a stand-in for CIFAR-100, to try it on

Flags, with their defaults in parentheses:
  --data <folder>          folder with train.bin and test.bin (binary format), or train and test (Python format)
  --config <file>          JSON that says what to add to the loss (configs/random.json); others are in configs/
  --out <folder>           where checkpoint, log, results and report go (out/<config>-<seed>)
  --seed <n>               fixes weights, batches, augmentation and projections (345)
  --steps <n>              training steps (${recipe.steps}); the learning rate falls after the same shares of them
  --batch <n>              images in a step (${recipe.batchSize})
  --width <x>              factor for the number of channels of every layer (1)
  --learning-rate <x>      the learning rate at the start (${recipe.learningRate})
  --no-augment             train on the images as they are, without shifts and mirroring
  --test-images <n>        test on the first so many images only
  --test-every <n>         steps between tests (${recipe.testEvery})
  --log-every <n>          steps between printed lines (${recipe.logEvery})
  --checkpoint-every <n>   steps between checkpoints (${recipe.testEvery})
  --runtime <name>         node-gpu, node, wasm or cpu: the TensorFlow.js to try first
  --fresh                  begin anew instead of continuing from a checkpoint
  --help                   this text`;

/** Flags of a run. */
export const RUN_OPTIONS = {
  data: { type: "string" },
  config: { type: "string" },
  out: { type: "string" },
  seed: { type: "string" },
  steps: { type: "string" },
  batch: { type: "string" },
  width: { type: "string" },
  "learning-rate": { type: "string" },
  "no-augment": { type: "boolean" },
  "test-images": { type: "string" },
  "test-every": { type: "string" },
  "log-every": { type: "string" },
  "checkpoint-every": { type: "string" },
  runtime: { type: "string" },
  fresh: { type: "boolean" },
  help: { type: "boolean" },
} as const satisfies ParseArgsConfig["options"];

/** Values of {@link RUN_OPTIONS} as they were typed. */
export type RunFlags = Partial<ReturnType<typeof parse>["values"]>;

/** `undefined`: help was asked for. @throws UserError */
export function parseCommandLine(
  args: readonly string[],
): RunLine | RecordLine | ReportLine | ReplaysLine | DigitPairsLine | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const [command, ...rest] = positionals;
  if (command === "report") {
    if (rest.length === 0) throw new UserError("report: expected the folders of one or more finished runs.");
    return { command, runs: rest, out: values.out ?? OUT_FOLDER };
  }
  if (command === "replays") {
    if (rest.length === 0) throw new UserError("replays: expected the folders of one or more recordings.");
    return { command, recordings: rest, out: values.out ?? OUT_FOLDER };
  }
  if (command === "digit-pairs") {
    if (rest.length !== 1) throw new UserError(`digit-pairs: expected one folder, got ${rest.length}.`);
    return { command, folder: rest[0]! };
  }
  const isRecording = command === "record";
  if ((command !== undefined && !isRecording) || rest.length > 0)
    throw new UserError(
      `Expected "study", "report", "record", "replays", "digit-pairs" or flags, got "${command}". See --help.`,
    );
  const run = readRunLine(values, isRecording ? RECORDED_STEPS : recipe.steps);
  if (!isRecording) return run;
  if (values.out === undefined) throw new UserError("record: expected a folder by --out.");
  return { command: "record", run, folder: values.out };
}

/** @param steps without the flag @throws UserError */
export function readRunLine(values: RunFlags, steps: number = recipe.steps): RunLine {
  if (values.data === undefined) throw new UserError("--data: expected the folder of the CIFAR-100 files. See --help.");
  const whole = (flag: keyof typeof values, fallback: number, least = 1) =>
    number(
      flag,
      values[flag] as string | undefined,
      fallback,
      (value) => Number.isSafeInteger(value) && value >= least,
      `a whole number of at least ${least}`,
    );
  return {
    command: "train",
    data: values.data,
    config: values.config ?? join(CONFIG_FOLDER, "random.json"),
    out: values.out,
    seed: whole("seed", 345, 0),
    steps: whole("steps", steps),
    batch: whole("batch", recipe.batchSize),
    width: number("width", values.width, 1, (value) => value > 0 && value <= 16, "a number above 0, up to 16"),
    learningRate: number(
      "learning-rate",
      values["learning-rate"],
      recipe.learningRate,
      (value) => value > 0 && Number.isFinite(value),
      "a finite number above 0",
    ),
    augment: !values["no-augment"],
    testImages: values["test-images"] === undefined ? undefined : whole("test-images", 1),
    testEvery: whole("test-every", recipe.testEvery),
    logEvery: whole("log-every", recipe.logEvery),
    checkpointEvery: whole("checkpoint-every", recipe.testEvery),
    prefer: values.runtime,
    fresh: values.fresh ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: RUN_OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UserError(`${(error as Error).message} See --help.`);
  }
}

function number(
  flag: string,
  text: string | undefined,
  fallback: number,
  fits: (value: number) => boolean,
  expected: string,
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() === "" || !fits(value)) throw new UserError(`--${flag}: expected ${expected}, got "${text}".`);
  return value;
}
