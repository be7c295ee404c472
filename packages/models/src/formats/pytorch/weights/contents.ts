/** A checkpoint's values as a tree: what holds what, whatever Python kind it is. */
import { PickleProblem } from "../pickle/pickle-cursor.js";
import { PickleDict, PickleList, PickleObject, PickleTuple, type PickleValue } from "../pickle/values.js";
import { NumpyArray } from "../rebuild/numpy-values.js";
import { TensorReference } from "../rebuild/tensor-reference.js";

export type Child = readonly [name: string, value: PickleValue];

const longestName = 500;

/** The tensor that a value is, if it is one; NumPy's arrays are. */
export function tensorOf(value: PickleValue): TensorReference | undefined {
  if (value instanceof TensorReference) return value;
  return value instanceof NumpyArray ? value.tensor : undefined;
}

/** What a value holds, by name; `undefined` for what holds nothing. */
export function childrenOf(value: PickleValue): Child[] | undefined {
  if (value instanceof PickleDict) return named(value.entries);
  if (value instanceof PickleList || value instanceof PickleTuple) return numbered(value.items);
  if (!(value instanceof PickleObject)) return undefined;
  const { state, items, entries } = value;
  return [...named(entries), ...numbered(items), ...childrenOfState(state)];
}

/** A dict is the attributes; of a tuple, a dict in it is so, too (the second is that of slots), and the rest is numbered. */
function childrenOfState(state: PickleValue): Child[] {
  if (!(state instanceof PickleTuple)) return childrenOf(state) ?? [];
  return state.items.flatMap((item, n) =>
    item instanceof PickleDict ? named(item.entries) : [[String(n), item] as const],
  );
}

/** An instance of `torch.nn.Module`, from whatever class: `undefined` for anything else. */
export function moduleOf(value: PickleValue): ReadonlyMap<PickleValue, PickleValue> | undefined {
  if (!(value instanceof PickleObject && value.state instanceof PickleDict)) return undefined;
  const { entries } = value.state;
  return ["_parameters", "_buffers", "_modules"].some((part) => entries.get(part) instanceof PickleDict)
    ? entries
    : undefined;
}

/** An optimizer's state, by what it holds. */
export function isOptimizerState(value: PickleValue): boolean {
  // An optimizer itself, pickled as a whole.
  if (value instanceof PickleObject) return value.state instanceof PickleDict && isOptimizerState(value.state);
  if (!(value instanceof PickleDict)) return false;
  const has = (key: string) => value.entries.has(key);
  return (has("param_groups") && has("state")) || has("exp_avg") || has("momentum_buffer") || has("fp32_flat_groups");
}

function named(entries: ReadonlyMap<PickleValue, PickleValue>): Child[] {
  let n = 0;
  return Array.from(entries, ([key, value]) => {
    n++;
    const name = typeof key === "object" || key === null ? `entry ${n}` : String(key).slice(0, longestName);
    return [name, value] as const;
  });
}

const numbered = (items: readonly PickleValue[]): Child[] => items.map((item, n) => [String(n), item] as const);

/**
 * Steps that a search may take. Containers can hold one another many times over, so that a small pickle has more paths
 * than there are atoms; each container is entered once by each search, and all of them together end here.
 */
export class Steps {
  #left = 100_000_000;

  take(count: number): void {
    this.#left -= count;
    if (this.#left < 0) throw new PickleProblem("its values hold one another too many times over");
  }
}

export const deepest = 200;

/** @throws PickleProblem */
export function checkDepth(depth: number): void {
  if (depth > deepest) throw new PickleProblem(`its values are nested deeper than ${deepest}`);
}
