/**
 * Handles: arrays in WebAssembly memory, who owns them and when they go. A region of memory may have several handles (what is saved for a Hessian
 * product outlives the gradient that was read) and goes with the last. Handles go at the end of the scope that made them, when they are read,
 * or, outside of every scope, with the garbage.
 */
import type { Shape } from "@comhe/core";
import type { Heap } from "./heap.js";

interface Region {
  readonly start: number;
  readonly bytes: number;
  handles: number;
}

/** A handle of {@link wasmBackend}: an array of float32 numbers in WebAssembly memory, row major. */
export class WasmArray {
  /** The sizes of its axes. */
  readonly shape: Shape;
  /** How many numbers it has: the product of its shape. */
  readonly size: number;
  readonly #region: Region;
  #alive = true;

  /** @internal */
  constructor(region: Region, shape: Shape) {
    this.#region = region;
    this.shape = shape;
    this.size = sizeOf(shape);
  }

  /**
   * Where it begins, in bytes.
   * @internal
   */
  get address(): number {
    if (!this.#alive)
      throw new Error("wasmBackend: an array was used after its scope ended or after it was downloaded.");
    return this.#region.start;
  }

  /** @internal */
  get region(): Region {
    return this.#region;
  }

  /** Whether it may still be used: its scope hasn't ended, and it wasn't downloaded. */
  get alive(): boolean {
    return this.#alive;
  }

  /**
   * Called by `Arrays` alone.
   * @internal
   */
  end(): void {
    this.#alive = false;
  }
}

export class Arrays {
  readonly heap: Heap;
  /** What the innermost scope, and those around it, have made. */
  readonly #scopes: Set<WasmArray>[] = [];
  readonly #garbage: FinalizationRegistry<Region>;
  readonly #release: (free: () => void) => void;
  #count = 0;

  /** @param release calls back when no command that waits can still need the memory */
  constructor(heap: Heap, release: (free: () => void) => void) {
    this.heap = heap;
    this.#release = release;
    this.#garbage = new FinalizationRegistry((region) => this.#drop(region));
  }

  /** Handles alive. */
  get count(): number {
    return this.#count;
  }

  /** An array whose numbers are undefined. */
  make(shape: Shape, bytesPerNumber: 4 | 8 = 4): WasmArray {
    const bytes = sizeOf(shape) * bytesPerNumber;
    return this.#track(new WasmArray({ start: this.heap.allocate(bytes), bytes, handles: 0 }, shape));
  }

  zeros(shape: Shape, bytesPerNumber: 4 | 8 = 4): WasmArray {
    const array = this.make(shape, bytesPerNumber);
    this.heap.views.int32.fill(0, array.address / 4, array.address / 4 + (array.size * bytesPerNumber) / 4);
    return array;
  }

  /** Takes an array out of every scope: it stays until whoever made it frees it, for what outlives the call it was made in. */
  detach<T extends WasmArray | undefined>(array: T): T {
    if (array) {
      for (const scope of this.#scopes) scope.delete(array);
      this.#garbage.unregister(array);
    }
    return array;
  }

  /** Rounded to float32. */
  upload(data: ArrayLike<number>, shape: Shape): WasmArray {
    const array = this.make(shape);
    this.heap.views.float32.set(data, array.address / 4);
    return array;
  }

  /** Another handle to the same numbers. */
  alias(array: WasmArray): WasmArray {
    if (!array.alive) throw new Error("wasmBackend: an array was used after it was freed.");
    return this.#track(new WasmArray(array.region, array.shape));
  }

  free(array: WasmArray): void {
    if (!array.alive) return;
    array.end();
    this.#garbage.unregister(array);
    for (const scope of this.#scopes) scope.delete(array);
    this.#drop(array.region);
  }

  scope<R>(body: () => R): R {
    const made = new Set<WasmArray>();
    this.#scopes.push(made);
    let kept = new Set<WasmArray>();
    try {
      const result = body();
      kept = arraysIn(result);
      return result;
    } finally {
      this.#scopes.pop();
      const outer = this.#scopes.at(-1);
      for (const array of made) {
        if (!kept.has(array)) this.free(array);
        else if (outer) outer.add(array);
        else this.#leaveToGarbage(array);
      }
    }
  }

  #track(array: WasmArray): WasmArray {
    array.region.handles++;
    this.#count++;
    const scope = this.#scopes.at(-1);
    if (scope) scope.add(array);
    else this.#leaveToGarbage(array);
    return array;
  }

  /** Outside of every scope. Inside one this isn't done, since it costs more than a small layer's arithmetic. */
  #leaveToGarbage(array: WasmArray): void {
    this.#garbage.register(array, array.region, array);
  }

  #drop(region: Region): void {
    this.#count--;
    region.handles--;
    if (region.handles === 0) this.#release(() => this.heap.free(region.start, region.bytes));
  }
}

function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Arrays inside what a scope returns, also within objects and lists. */
function arraysIn(value: unknown, found = new Set<WasmArray>(), seen = new Set<object>()): Set<WasmArray> {
  if (value instanceof WasmArray) found.add(value);
  else if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value) && !seen.has(value)) {
    seen.add(value);
    for (const inside of Object.values(value)) arraysIn(inside, found, seen);
  }
  return found;
}
