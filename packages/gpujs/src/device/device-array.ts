/** Handles: shapes over numbers that lie on the device. */
import type { Shape } from "@comhe/core";

/** How a kernel's threads lie, and so its results: x fastest. */
export type Extent = readonly [x: number, y: number, z: number];

/** A gpu.js texture, a WebGPU buffer, or host memory in modes cpu and webasm. */
export type DeviceValue = Float32Array | DeviceHandle;

export interface DeviceHandle {
  toArray(): unknown;
  delete(): void;
}

/** Memory that one or several arrays show. Its value arrives when its kernel has been queued. */
export interface Storage {
  readonly extent: Extent;
  /** Numbers per thread: 4 where a texel holds a quad. */
  readonly lanes: 1 | 4;
  readonly bytes: number;
  value: DeviceValue | undefined;
  error: unknown;
  references: number;
}

/** A handle of {@link gpujsBackend}: a shape over numbers that lie on the device. */
export class DeviceArray {
  /** The sizes of its axes. */
  readonly shape: Shape;
  /** @internal */
  readonly storage: Storage;
  /**
   * @internal
   *
   * A sum not yet taken: entry b is offset + scale·Σ of the b-th `width` numbers of the storage. Reading adds up in float64 on the host; an
   * operation that needs the numbers on the device adds them up there.
   */
  readonly pendingSum: PendingSum | undefined;
  /** @internal */
  freed = false;

  /** @internal */
  constructor(shape: Shape, storage: Storage, pendingSum?: PendingSum) {
    this.shape = shape;
    this.storage = storage;
    this.pendingSum = pendingSum;
    storage.references++;
  }
}

export interface PendingSum {
  readonly width: number;
  readonly scale: number;
  readonly offset: number;
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}
