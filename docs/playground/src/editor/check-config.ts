/** What is wrong with a config as it is typed, by the library's own messages: they know more than a schema can say. */
import { defineEnergy, type EnergyConfig, EnergyError } from "@comhe/core";

export interface Problem {
  /** Keys and indices from the outside in; empty for the whole. */
  readonly path: readonly string[];
  readonly message: string;
  /** A key that shouldn't be there: the problem is marked at it. */
  readonly key?: string | undefined;
}

export type Checked =
  | { readonly config: EnergyConfig; readonly problems: readonly [] }
  | { readonly config: undefined; readonly problems: readonly Problem[] };

/** @param text JSON, or what may become JSON */
export function checkConfig(text: string): Checked {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { config: undefined, problems: [{ path: [], message: `Not JSON yet: ${(error as Error).message}` }] };
  }
  try {
    defineEnergy(value as EnergyConfig, { warn: () => undefined });
    return { config: value as EnergyConfig, problems: [] };
  } catch (error) {
    if (!EnergyError.isInstance(error)) throw error;
    // A line for each problem, its path first.
    return { config: undefined, problems: error.message.split("\n").map(problemOf) };
  }
}

function problemOf(line: string): Problem {
  const [, path = "", message = line] = /^([\w.]+): (.*)$/s.exec(line) ?? [];
  const key = /^unknown key "(.*?)"/.exec(message)?.[1];
  return { path: path === "" || path === "config" ? [] : path.split("."), message: line, key };
}
