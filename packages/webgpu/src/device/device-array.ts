/** Handles: shapes over numbers that lie on the device, or over one number that every entry has. */
import type { Shape } from "@comhe/core";
import type { Block } from "./blocks.js";

/** What one or several arrays show: a buffer, or several where the numbers are more than one may hold. */
export interface Storage {
  readonly buffers: readonly GPUBuffer[];
  /** Which block lies in which buffer. Absent: all in one. */
  readonly blocks?: readonly Block[] | undefined;
  /** Bytes of the numbers; a buffer may be longer. */
  readonly bytes: number;
  /** Whether buffers go back to the pool, or are somebody else's. */
  readonly isOwn: boolean;
  references: number;
}

/** A handle of {@link webgpuBackend}: a shape over float32 numbers, row major, that lie on the device. */
export class DeviceArray {
  /** The sizes of its axes. */
  readonly shape: Shape;
  /** @internal Absent where all entries are {@link value}. */
  readonly storage: Storage | undefined;
  /** @internal What all entries are, where the array has no storage. */
  readonly value: number;
  /** @internal */
  freed = false;

  /** @internal */
  constructor(shape: Shape, storage: Storage | undefined, value = 0) {
    this.shape = shape;
    this.storage = storage;
    this.value = value;
    if (storage) storage.references++;
  }
}
