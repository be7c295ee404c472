/** The flags, and what is wrong with them. */
import { parseArgs } from "node:util";
import { UserError } from "@comhe-examples/study-kit";

export interface CommandLine {
  readonly command: "run" | "tune";
  readonly seeds: number;
  readonly shots: number;
  readonly steps: number;
  readonly arms: readonly string[] | undefined;
}

export const HELP = `A linear head on frozen ONNX features, a few digits per class, with and without hyperspherical energy.

  node dist/main.js [run]    train every arm on every seed, print the table
  node dist/main.js tune     choose the arms' settings on validation rows, write tuning.json

  --seeds <n>     paired seeds per arm (run: 24, tune: 3)
  --shots <n>     training digits of each class (5)
  --steps <n>     steps of gradient descent (100)
  --arms <a,b>    only these arms
  --help          this text`;

/** `undefined`: help was asked for. @throws UserError */
export function parseCommandLine(args: readonly string[]): CommandLine | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const command = positionals[0] ?? "run";
  if ((command !== "run" && command !== "tune") || positionals.length > 1) {
    throw new UserError(`Expected run or tune; got "${positionals.join(" ")}". See --help.`);
  }
  return {
    command,
    seeds: positive("seeds", values.seeds) ?? (command === "tune" ? 3 : 24),
    shots: positive("shots", values.shots) ?? 5,
    steps: positive("steps", values.steps) ?? 100,
    arms: values.arms?.split(","),
  };
}

const text = { type: "string" } as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { seeds: text, shots: text, steps: text, arms: text, help: { type: "boolean" } },
    });
  } catch (error) {
    throw new UserError(`${(error as Error).message} See --help.`);
  }
}

function positive(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new UserError(`--${flag}: expected a whole number of at least 1, got "${value}".`);
}
