/** The flags, and what is wrong with them. */
import { parseArgs } from "node:util";

export const parts = ["pairwise", "random", "network", "growth", "memory", "cost", "libraries", "variations"] as const;
export type Part = (typeof parts)[number];

export interface CommandLine {
  readonly parts: readonly Part[];
  readonly quick: boolean;
  readonly cases: readonly string[] | undefined;
  readonly candidates: readonly string[] | undefined;
  readonly seconds: number;
  readonly patience: number;
  readonly minutes: number;
  readonly out: string | undefined;
}

export class UsageError extends Error {
  override name = "UsageError";
}

const defaultSeconds = 0.7;
const defaultPatience = 8;
const defaultMinutes = 11;

export const help = `Times energy and gradient on every backend beside their peers, each checked against float64 first.

  npm run bench -- [flags]

  --parts <a,b>     only these of ${parts.join(", ")}
  --cases <a,b>     only cases whose id contains one of these: 4096x512, half-s2, random-1024, 4096x512-half-s2, embeddings
  --peers <a,b>     only candidates whose id begins with one of these: wasm, onnx, tfjs, torch-tiled, ort-graph, plain-js
  --seconds <s>     of timed calls for each candidate of a headline case (${defaultSeconds}); a third of it elsewhere
  --patience <s>    longest call that is worth making (${defaultPatience}); a third of it in variations
  --minutes <m>     no case is begun after so many (${defaultMinutes}); the variations, which come last, are what is left out
  --out <folder>    where the results go (benchmarks/results; with --peers or --quick nothing is written without it). With --cases the
                    other cases of a part stay as they were measured on this machine and these versions
  --quick           the smallest case of every part, few calls
  --help            this text`;

/** `undefined`: help was asked for. @throws UsageError */
export function parseCommandLine(args: readonly string[]): CommandLine | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const quick = values.quick ?? false;
  return {
    parts: list(values.parts)?.map(partNamed) ?? parts,
    quick,
    cases: list(values.cases),
    candidates: list(values.peers),
    seconds: positive("seconds", values.seconds) ?? (quick ? 0.02 : defaultSeconds),
    patience: positive("patience", values.patience) ?? defaultPatience,
    minutes: positive("minutes", values.minutes) ?? defaultMinutes,
    out: values.out,
  };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = {
    parts: text,
    cases: text,
    peers: text,
    seconds: text,
    patience: text,
    minutes: text,
    out: text,
  } as const;
  try {
    return parseArgs({ args: [...args], options: { ...options, quick: flag, help: flag } }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message} See --help.`);
  }
}

function list(text: string | undefined): string[] | undefined {
  return text?.split(",").map((part) => part.trim());
}

function partNamed(name: string): Part {
  const part = parts.find((each) => each === name);
  if (!part) throw new UsageError(`--parts: expected some of ${parts.join(", ")}; got "${name}".`);
  return part;
}

function positive(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) {
    throw new UsageError(`--${flag}: expected a number above 0, got "${text}".`);
  }
  return value;
}
