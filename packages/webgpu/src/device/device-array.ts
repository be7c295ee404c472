/** Handles: shapes over numbers that lie on the device, or over one number that every entry has. */
import type { Shape } from "@comhe/core";

/** A buffer that one or several arrays show. */
export interface Storage {
  readonly buffer: GPUBuffer;
  /** Bytes of the numbers; the buffer may be longer. */
  readonly bytes: number;
  /** Whether the buffer goes back to the pool, or is somebody else's. */
  readonly isOwn: boolean;
  references: number;
}

/** A handle of {@link webgpuBackend}: a shape over float32 numbers, row major, that lie on the device. */
export class DeviceArray {
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

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** The least multiple of `step` that isn't below `value`. */
export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
