/** The flags, and what is wrong with them. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import type { Space } from "@comhe/core";
import { pathOf, SHIPPED_MODELS } from "./shipped-models.js";

/** Something the user can put right. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface Inspected {
  readonly title: string;
  readonly file: string;
}

export interface CommandLine {
  readonly models: readonly Inspected[];
  readonly space: Space;
  readonly top: number | undefined;
}

const NAMES = SHIPPED_MODELS.map(({ name }) => name).join(", ");

export const HELP = `The energy of every layer of ONNX models, on ONNX Runtime.

  node dist/main.js [model …]    names of shipped models (${NAMES}) or paths; default: all shipped ones

  --space <half|full>   whether a neuron stands for its line, so that −w counts as w (half)
  --top <n>             only the n most redundant layers of each model
  --help                this text`;

/** `undefined`: help was asked for. @throws UsageError */
export function parseCommandLine(args: readonly string[]): CommandLine | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const space = values.space ?? "half";
  if (space !== "half" && space !== "full") throw new UsageError(`--space: expected half or full, got "${space}".`);
  const top = values.top === undefined ? undefined : Number(values.top);
  if (top !== undefined && !(Number.isInteger(top) && top >= 1)) {
    throw new UsageError(`--top: expected a whole number of at least 1, got "${values.top}".`);
  }
  const names = positionals.length > 0 ? positionals : SHIPPED_MODELS.map(({ name }) => name);
  return { models: names.map(find), space, top };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { space: { type: "string" }, top: { type: "string" }, help: { type: "boolean" } },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message} See --help.`);
  }
}

function find(name: string): Inspected {
  const shipped = SHIPPED_MODELS.find((model) => model.name === name);
  if (shipped !== undefined) return { title: `${name}: ${shipped.about} (${shipped.package})`, file: pathOf(shipped) };
  if (existsSync(name)) return { title: basename(name), file: name };
  throw new UsageError(`Expected a path or one of ${NAMES}; got "${name}", which is neither.`);
}
