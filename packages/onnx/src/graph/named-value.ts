/** What a model shows to those who run it: inputs and outputs with their names, and what the file says about itself. */
import type { Value } from "./value.js";

export interface NamedValue {
  readonly name: string;
  readonly value: Value;
  readonly doc?: string | undefined;
  /** Names of the lengths that only a run knows, by axis. */
  readonly lengths?: Readonly<Record<number, string>> | undefined;
}

export interface ModelText {
  readonly name: string;
  readonly doc?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}
