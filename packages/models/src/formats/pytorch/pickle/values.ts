/**
 * What a pickle can hold, as plain data. Numbers, strings and bytes are JavaScript's own; containers keep Python's kinds
 * apart, because a tuple may be a shape and a list may be a layer's children. A class or function is its name alone, and
 * an instance is its class's name with whatever was stored for it: nothing of either is ever run.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleTuple
  | PickleList
  | PickleDict
  | PickleSet
  | PickleGlobal
  | PickleObject
  | Rebuilt;

export class PickleTuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

export class PickleList {
  constructor(readonly items: PickleValue[] = []) {}
}

/** Keys that are no plain values, such as tuples, are kept by identity: Python's own equality isn't needed for weights. */
export class PickleDict {
  readonly entries = new Map<PickleValue, PickleValue>();
}

export class PickleSet {
  constructor(readonly items: PickleValue[] = []) {}
}

/** A class or a function, by its name. */
export class PickleGlobal {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}

  /** The full name, as Python writes it: "torch.nn.modules.linear.Linear". */
  get path(): string {
    return `${this.module}.${this.name}`;
  }
}

/** An instance of a class that is known by name only. */
export class PickleObject {
  /** What its `__init__` or `__setstate__` would have got: for a module, the dict of its attributes. */
  state: PickleValue = null;
  /** The items, where the object is of a subclass of list. */
  readonly items: PickleValue[] = [];
  /** The entries, where the object is of a subclass of dict. */
  readonly entries = new Map<PickleValue, PickleValue>();

  constructor(
    readonly type: PickleGlobal,
    readonly args: readonly PickleValue[] = [],
  ) {}
}

/** What the reader of a format makes of the calls it knows: tensors, storages, NumPy's arrays. */
export abstract class Rebuilt {
  /** State that the pickle stores after it was made. Most have none, or none that matters. */
  build(_state: PickleValue): void {}
}
