/**
 * Regions of one WebAssembly memory: first fit over a list of gaps, neighbours joined. There are a few dozen regions at a time, so that
 * a list is all it takes. The memory grows by what is missing and never shrinks; it goes as a whole.
 */
import { EnergyError } from "@comhe/core/pair-functions";

const pageBytes = 65536;
/** A cache line. */
const alignment = 64;
/** Below: the commands (see `assembly/command.ts`). */
const firstByte = 65536;

interface Gap {
  start: number;
  end: number;
}

export class Heap {
  #memory: WebAssembly.Memory | undefined;
  readonly #gaps: Gap[];
  #end: number;
  #used = 0;
  #views: { buffer: ArrayBufferLike; float32: Float32Array; float64: Float64Array; int32: Int32Array } | undefined;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#end = memory.buffer.byteLength;
    this.#gaps = [{ start: firstByte, end: this.#end }];
  }

  get memory(): WebAssembly.Memory {
    if (!this.#memory) throw new EnergyError("unsupported", "wasmBackend: it was disposed of; make a new one.");
    return this.#memory;
  }

  get disposed(): boolean {
    return this.#memory === undefined;
  }

  /** Bytes in use. */
  get used(): number {
    return this.#used;
  }

  /** Views of the whole memory; they go stale when it grows, so nobody keeps them. */
  get views() {
    const { buffer } = this.memory;
    if (this.#views?.buffer !== buffer || this.#views.float32.byteLength !== buffer.byteLength) {
      this.#views = {
        buffer,
        float32: new Float32Array(buffer),
        float64: new Float64Array(buffer),
        int32: new Int32Array(buffer),
      };
    }
    return this.#views;
  }

  /** @returns the address of that many bytes, whatever they hold */
  allocate(bytes: number): number {
    const size = sizeOf(bytes);
    let at = this.#gaps.findIndex(({ start, end }) => end - start >= size);
    if (at < 0) at = this.#grow(size);
    const gap = this.#gaps[at]!;
    const { start } = gap;
    gap.start += size;
    if (gap.start === gap.end) this.#gaps.splice(at, 1);
    this.#used += size;
    return start;
  }

  free(start: number, bytes: number): void {
    const end = start + sizeOf(bytes);
    this.#used -= end - start;
    let at = this.#gaps.findIndex((gap) => gap.start >= end);
    if (at < 0) at = this.#gaps.length;
    const before = this.#gaps[at - 1];
    const after = this.#gaps[at];
    const joinsBefore = before?.end === start;
    const joinsAfter = after?.start === end;
    if (joinsBefore && joinsAfter) {
      before.end = after.end;
      this.#gaps.splice(at, 1);
    } else if (joinsBefore) before.end = end;
    else if (joinsAfter) after.start = start;
    else this.#gaps.splice(at, 0, { start, end });
  }

  /** Lets go of the memory, so that the engine can free it. */
  dispose(): void {
    this.#memory = undefined;
    this.#views = undefined;
    this.#used = 0;
  }

  /** Makes the last gap long enough, and returns its index. */
  #grow(size: number): number {
    const last = this.#gaps.at(-1);
    const free = last?.end === this.#end ? last.end - last.start : 0;
    const pages = Math.ceil((size - free) / pageBytes);
    try {
      this.memory.grow(pages);
    } catch (error) {
      throw new EnergyError(
        "unsupported",
        `wasmBackend: expected ${pages * pageBytes} more bytes of memory on top of ${this.#end}, which the engine refused. ` +
          "WebAssembly addresses 4 GiB; use smaller matrices, or fewer of them at once.",
        {},
        error,
      );
    }
    const end = this.memory.buffer.byteLength;
    if (free > 0) last!.end = end;
    else this.#gaps.push({ start: this.#end, end });
    this.#end = end;
    return this.#gaps.length - 1;
  }
}

function sizeOf(bytes: number): number {
  return Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
}
