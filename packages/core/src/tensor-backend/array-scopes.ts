/** Which arrays on a device live, and until when: scopes free what was made in them, constants outlive every scope, and bytes are counted. */

/** A piece of memory on a device. It is given back when no array uses it any more. */
export interface CountedStorage {
  /** Its size in bytes. */
  readonly bytes: number;
  /** How many arrays use it. */
  references: number;
}

/** A handle that {@link ArrayScopes} looks after; making one counts as a reference to its storage, if it has any. */
export interface ScopedArray<S extends CountedStorage> {
  /** The memory it lies in; `undefined` for an array that needs none, such as a number that fills it. */
  readonly storage: S | undefined;
  /** Whether the array has ended. */
  freed: boolean;
}

/** The arrays of one device that are alive, the scopes they belong to, and the memory behind them. A backend whose memory no garbage collector sees has one of these. */
export class ArrayScopes<A extends ScopedArray<S>, S extends CountedStorage> {
  private readonly constants = new Map<string, A>();
  private readonly kept = new Set<A>();
  private scopes: Set<A>[] = [];
  private storages = 0;
  private bytes = 0;

  /**
   * Begins without arrays.
   *
   * @param isArray tells handles from other values that a scope returns
   * @param discard takes back a piece of memory that no array uses any more
   */
  constructor(
    private readonly isArray: (value: unknown) => value is A,
    private readonly discard: (storage: S) => void,
  ) {}

  /** What is alive on the device. */
  memory(): {
    /** How many arrays live, without constants; arrays that share their memory count as one. */
    readonly arrays: number;
    /** How many bytes they use, constants included. */
    readonly bytes: number;
  } {
    const constants = [...this.kept].filter(({ storage }) => storage).length;
    return { arrays: this.storages - constants, bytes: this.bytes };
  }

  /** Counts a new piece of memory, until its last array ends, and returns it. */
  count(storage: S): S {
    this.storages++;
    this.bytes += storage.bytes;
    return storage;
  }

  /** Gives the array to the innermost scope, and returns it. */
  track(array: A): A {
    this.scopes.at(-1)?.add(array);
    return array;
  }

  /** Frees what `body` made and did not return, inside objects and lists too. */
  scope<R>(body: () => R): R {
    const made = new Set<A>();
    this.scopes.push(made);
    let result: R | undefined;
    try {
      result = body();
      return result;
    } finally {
      this.scopes.pop();
      const outer = this.scopes.at(-1);
      for (const array of this.arraysIn(result)) if (made.delete(array)) outer?.add(array);
      for (const array of made) this.free(array);
    }
  }

  /** Made once, beyond every scope. */
  constant(key: string, make: () => A): A {
    const known = this.constants.get(key);
    if (known) return known;
    const scopes = this.scopes;
    this.scopes = [];
    try {
      const made = this.scope(make);
      this.constants.set(key, made);
      this.kept.add(made);
      return made;
    } finally {
      this.scopes = scopes;
    }
  }

  /** The array ends, and its storage with the last that shows it. Constants stay; one that has ended already is left alone. */
  free(array: A): void {
    if (array.freed || this.kept.has(array)) return;
    this.end(array);
    if (array.storage) this.release(array.storage);
  }

  /** The array ends, the only one of its storage, which lives on with somebody else. */
  forget(array: A): void {
    this.end(array);
    if (array.storage) this.uncount(array.storage);
  }

  /** Ends all constants: for the end of a backend. */
  freeConstants(): void {
    for (const { storage } of this.kept) if (storage) this.release(storage);
    this.constants.clear();
    this.kept.clear();
  }

  private end(array: A): void {
    array.freed = true;
    for (const scope of this.scopes) scope.delete(array);
  }

  private release(storage: S): void {
    if (--storage.references > 0) return;
    this.uncount(storage);
    this.discard(storage);
  }

  private uncount(storage: S): void {
    this.storages--;
    this.bytes -= storage.bytes;
  }

  /** Every array in `value`, through plain objects and lists. */
  private *arraysIn(value: unknown, seen = new Set<object>()): Generator<A> {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if (this.isArray(value)) yield value;
    else if (!ArrayBuffer.isView(value)) for (const part of Object.values(value)) yield* this.arraysIn(part, seen);
  }
}
