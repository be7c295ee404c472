/**
 * The memory that a pickle's values may take. A single byte can ask for an empty dict of two hundred, so the file's own
 * length bounds nothing. A unit is about eight bytes of JavaScript's heap.
 */
import { PickleProblem } from "./pickle-cursor.js";
import { PickleDict, PickleList, PickleObject, PickleSet, PickleTuple, type PickleValue } from "./values.js";

/** A quarter of a gigabyte: a quarter of a million tensors. */
const mostUnits = 2 ** 25;

export const memoCost = 5;
export const markCost = 8;
export const entryCost = 5;

export class Budget {
  #left: number;

  constructor(units = mostUnits) {
    this.#left = units;
  }

  /** @throws PickleProblem where nothing is left */
  spend(units: number): void {
    this.#left -= units;
    if (this.#left < 0) throw new PickleProblem("its pickle asks for more values than a checkpoint has");
  }
}

/** What a new value costs. */
export function costOf(value: PickleValue): number {
  if (typeof value === "string" || typeof value === "bigint") return 4;
  if (typeof value !== "object" || value === null) return 1;
  if (value instanceof PickleTuple) return 8 + value.items.length;
  if (value instanceof PickleList) return 8 + value.items.length;
  if (value instanceof PickleDict || value instanceof PickleObject) return 32;
  if (value instanceof PickleSet) return 8 + value.items.length;
  return 16;
}
