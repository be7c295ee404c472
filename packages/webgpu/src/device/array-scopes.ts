/** Which arrays live, and until when: scopes free what was made in them, constants outlive every scope, and bytes are counted. */
import type { Shape } from "@comhe/core";
import { DeviceArray, type Storage } from "./device-array.js";

export class ArrayScopes {
  private readonly constants = new Map<string, DeviceArray>();
  private readonly kept = new Set<DeviceArray>();
  private readonly discard: (storage: Storage) => void;
  private scopes: Set<DeviceArray>[] = [];
  private storages = 0;
  private bytes = 0;

  /** @param discard takes a storage that no array shows any more */
  constructor(discard: (storage: Storage) => void) {
    this.discard = discard;
  }

  /** Arrays and bytes alive; constants count as bytes alone. */
  memory(): { readonly arrays: number; readonly bytes: number } {
    const constants = [...this.kept].filter(({ storage }) => storage).length;
    return { arrays: this.storages - constants, bytes: this.bytes };
  }

  /** An array over a buffer; it belongs to the innermost scope. */
  add(shape: Shape, buffer: GPUBuffer, bytes: number, isOwn = true): DeviceArray {
    this.storages++;
    this.bytes += bytes;
    return this.track(new DeviceArray(shape, { buffer, bytes, isOwn, references: 0 }));
  }

  /** The array belongs to the innermost scope. */
  track(array: DeviceArray): DeviceArray {
    this.scopes.at(-1)?.add(array);
    return array;
  }

  /** Frees what `body` made and did not return, inside objects and lists too. */
  scope<R>(body: () => R): R {
    const made = new Set<DeviceArray>();
    this.scopes.push(made);
    let result: R | undefined;
    try {
      result = body();
      return result;
    } finally {
      this.scopes.pop();
      const outer = this.scopes.at(-1);
      for (const array of arraysIn(result)) if (made.delete(array)) outer?.add(array);
      for (const array of made) this.free(array);
    }
  }

  /** Made once, beyond every scope. */
  constant(key: string, make: () => DeviceArray): DeviceArray {
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

  free(array: DeviceArray): void {
    if (array.freed || this.kept.has(array)) return;
    array.freed = true;
    for (const scope of this.scopes) scope.delete(array);
    if (array.storage) this.release(array.storage);
  }

  /** The array ends, and its buffer lives on with somebody else. */
  forget(array: DeviceArray): void {
    array.freed = true;
    for (const scope of this.scopes) scope.delete(array);
    this.storages--;
    this.bytes -= array.storage!.bytes;
  }

  freeConstants(): void {
    for (const { storage } of this.kept) if (storage) this.release(storage);
    this.constants.clear();
    this.kept.clear();
  }

  private release(storage: Storage): void {
    if (--storage.references > 0) return;
    this.storages--;
    this.bytes -= storage.bytes;
    this.discard(storage);
  }
}

/** Every array in `value`, through plain objects and lists. */
function* arraysIn(value: unknown, seen = new Set<object>()): Generator<DeviceArray> {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof DeviceArray) yield value;
  else if (!ArrayBuffer.isView(value)) for (const part of Object.values(value)) yield* arraysIn(part, seen);
}
