/**
 * The stack of a pickle's machine: values, marks that divide them, and the memo, which keeps values under numbers so that
 * they can be pushed again. Every value's memory is counted against a `Budget`.
 */
import { type Budget, costOf, entryCost, markCost, memoCost } from "./budget.js";
import { PickleCursor, PickleProblem } from "./pickle-cursor.js";
import {
  PickleDict,
  type PickleGlobal,
  PickleList,
  PickleObject,
  PickleSet,
  PickleTuple,
  type PickleValue,
  Rebuilt,
} from "./values.js";

/** Gives the names in a pickle their meaning. All may throw `PickleProblem`. */
export interface Builder {
  /** A class or function that is named. Nothing is done with it yet. */
  find(module: string, name: string): PickleGlobal;
  /** A function, or a class with arguments, is called. */
  call(callee: PickleValue, args: readonly PickleValue[]): PickleValue;
  /** An instance is made without its `__init__`. */
  create(type: PickleValue, args: readonly PickleValue[]): PickleValue;
  /** Something that is stored beside the pickle. */
  persistent(id: PickleValue): PickleValue;
}

export class Machine {
  readonly cursor: PickleCursor;
  readonly builder: Builder;
  readonly #budget: Budget;
  readonly #memo = new Map<number, PickleValue>();
  /** Stacks below the last mark. */
  readonly #below: PickleValue[][] = [];
  #stack: PickleValue[] = [];

  constructor(bytes: Uint8Array, from: number, builder: Builder, budget: Budget) {
    this.cursor = new PickleCursor(bytes, from);
    this.builder = builder;
    this.#budget = budget;
  }

  /** The value that is left in the end. */
  result(): PickleValue {
    if (this.#below.length > 0) throw new PickleProblem("its pickle ends within a mark");
    return this.pop();
  }

  push(value: PickleValue): void {
    this.#budget.spend(costOf(value));
    this.#stack.push(value);
  }

  /** A value that was there before. */
  pushAgain(value: PickleValue): void {
    this.#budget.spend(1);
    this.#stack.push(value);
  }

  pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined) throw new PickleProblem("its pickle takes a value that isn't there");
    return value;
  }

  top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined) throw new PickleProblem("its pickle takes a value that isn't there");
    return value;
  }

  mark(): void {
    this.#budget.spend(markCost);
    this.#below.push(this.#stack);
    this.#stack = [];
  }

  /** All values since the last mark. */
  popMark(): PickleValue[] {
    const items = this.#stack;
    const below = this.#below.pop();
    if (below === undefined) throw new PickleProblem("its pickle takes a mark that isn't there");
    this.#stack = below;
    return items;
  }

  /** A value, or the mark where nothing lies on it, as in CPython. */
  discard(): void {
    if (this.#stack.length > 0) this.#stack.pop();
    else this.popMark();
  }

  keep(index: number | bigint | boolean): void {
    this.#budget.spend(memoCost);
    this.#memo.set(Number(index), this.top());
  }

  keepNext(): void {
    this.keep(this.#memo.size);
  }

  recall(index: number | bigint | boolean): void {
    const value = this.#memo.get(Number(index));
    if (value === undefined) throw new PickleProblem(`its pickle asks for value ${index}, which it never kept`);
    this.pushAgain(value);
  }

  setItems(pairs: readonly PickleValue[]): void {
    const target = this.top();
    if (!(target instanceof PickleDict || target instanceof PickleObject)) {
      throw new PickleProblem("its pickle sets entries of what is no dict");
    }
    if (pairs.length % 2 !== 0) throw new PickleProblem("its pickle holds a dict's key without a value");
    this.#budget.spend((entryCost * pairs.length) / 2);
    for (let n = 0; n < pairs.length; n += 2) target.entries.set(pairs[n]!, pairs[n + 1]!);
  }

  append(items: readonly PickleValue[]): void {
    const target = this.top();
    if (!(target instanceof PickleList || target instanceof PickleSet || target instanceof PickleObject)) {
      throw new PickleProblem("its pickle appends to what is no list");
    }
    for (const item of items) target.items.push(item);
  }

  build(state: PickleValue): void {
    const target = this.top();
    if (target instanceof Rebuilt) target.build(state);
    else if (target instanceof PickleObject) target.state = this.#merged(target.state, state);
    // Attributes of a dict, such as a state_dict's `_metadata`, hold no weights.
    else if (!(target instanceof PickleDict || target instanceof PickleList || target instanceof PickleSet)) {
      throw new PickleProblem("its pickle sets the state of what can't have any");
    }
  }

  /** Python updates an instance's attributes by each state. */
  #merged(before: PickleValue, state: PickleValue): PickleValue {
    if (!(before instanceof PickleDict && state instanceof PickleDict)) return state;
    this.#budget.spend(entryCost * (before.entries.size + state.entries.size));
    const merged = new PickleDict();
    for (const part of [before, state]) for (const [key, value] of part.entries) merged.entries.set(key, value);
    return merged;
  }

  /** The tuple on top, as arguments. */
  popArguments(): readonly PickleValue[] {
    const value = this.pop();
    if (value instanceof PickleTuple) return value.items;
    throw new PickleProblem("its pickle calls something without a tuple of arguments");
  }

  popText(): string {
    const value = this.pop();
    if (typeof value === "string") return value;
    throw new PickleProblem("its pickle names something by what is no text");
  }

  popTuple(count: number): PickleTuple {
    const items: PickleValue[] = [];
    for (let n = 0; n < count; n++) items.unshift(this.pop());
    return new PickleTuple(items);
  }
}
