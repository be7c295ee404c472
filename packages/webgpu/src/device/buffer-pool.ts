/**
 * Buffers by size, used again and again, so that a training step allocates nothing. A buffer that was freed may still be used by commands that
 * are recorded and not yet submitted. Later commands may take it all the same, since commands run in order; but a *write* from the host runs
 * before them, so that it takes a buffer which no waiting command uses.
 */
import { roundUp } from "./sizes.js";

/** STORAGE | COPY_SRC | COPY_DST, by their values: the name GPUBufferUsage isn't there in Node. */
const storageUsage = 0x80 | 0x4 | 0x8;
/** MAP_READ | COPY_DST */
const readUsage = 0x1 | 0x8;

/** Bytes kept for later at most; what is beyond goes back to the device. */
const keptBytes = 512 * 2 ** 20;

interface FreeBuffer {
  readonly buffer: GPUBuffer;
  /** The submission, counted, that may still use it. */
  readonly usedIn: number;
}

export class BufferPool {
  private readonly device: GPUDevice;
  private readonly guard: <R>(make: () => R) => R;
  private readonly free = new Map<string, FreeBuffer[]>();
  private readonly largest: number;
  private freeBytes = 0;
  private alive = 0;

  /** @param guard runs what may leave the device without memory */
  constructor(device: GPUDevice, guard: <R>(make: () => R) => R) {
    this.device = device;
    this.guard = guard;
    this.largest = Math.floor(device.limits.maxBufferSize / 4) * 4;
  }

  /** Buffers that exist, free ones too. */
  get count(): number {
    return this.alive;
  }

  /**
   * @param before a submission: buffers that it uses, or a later one, aren't taken
   */
  take(bytes: number, kind: "storage" | "read", before = Number.POSITIVE_INFINITY): GPUBuffer {
    // Rounded up no further than the device goes.
    const size = Math.min(sizeClass(bytes), Math.max(bytes, this.largest));
    const list = this.free.get(`${kind} ${size}`);
    let at = (list?.length ?? 0) - 1;
    while (at >= 0 && list![at]!.usedIn >= before) at--;
    if (at >= 0) {
      this.freeBytes -= size;
      return list!.splice(at, 1)[0]!.buffer;
    }
    this.alive++;
    return this.make(size, kind === "storage" ? storageUsage : readUsage);
  }

  /** A buffer for arrays that somebody else will own: it doesn't count. */
  makeExactly(bytes: number): GPUBuffer {
    return this.make(bytes, storageUsage);
  }

  private make(size: number, usage: number): GPUBuffer {
    return this.guard(() => this.device.createBuffer({ size, usage }));
  }

  /** @param usedIn the submission that is being recorded */
  give(buffer: GPUBuffer, kind: "storage" | "read", usedIn: number): void {
    const key = `${kind} ${buffer.size}`;
    const list = this.free.get(key) ?? [];
    list.push({ buffer, usedIn });
    this.free.set(key, list);
    this.freeBytes += buffer.size;
  }

  /** Destroys free buffers beyond what is kept, or all: those that no submission from `before` on uses. */
  trim(before: number, all = false): void {
    for (const [key, list] of this.free) {
      if (!all && this.freeBytes <= keptBytes) return;
      const left: FreeBuffer[] = [];
      for (const each of list) {
        if (each.usedIn < before && (all || this.freeBytes > keptBytes)) {
          this.freeBytes -= each.buffer.size;
          this.alive--;
          each.buffer.destroy();
        } else left.push(each);
      }
      if (left.length > 0) this.free.set(key, left);
      else this.free.delete(key);
    }
  }

  /** A buffer leaves for good. */
  forget(): void {
    this.alive--;
  }
}

/** Steps of a quarter of a power of two: at most a quarter is lost, and sizes that are alike share buffers. */
export function sizeClass(bytes: number): number {
  if (bytes <= 256) return 256;
  const step = Math.max(256, 2 ** (Math.floor(Math.log2(bytes)) - 2));
  return roundUp(bytes, step);
}
