/** Compiled kernels, the least recently used given up first; never one whose results are still in use. */
import type { Storage } from "./device-array.js";
import type { GpuKernel } from "./gpu-js.js";

interface Entry {
  readonly kernel: GpuKernel;
  readonly results: Set<Storage>;
}

export class KernelCache {
  private readonly entries = new Map<string, Entry>();
  private readonly makers = new Map<Storage, Entry>();
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  get size(): number {
    return this.entries.size;
  }

  /** The kernel that makes `result`. */
  get(key: string, result: Storage, compile: () => GpuKernel): { kernel: GpuKernel; compiled: boolean } {
    const known = this.entries.get(key);
    const entry = known ?? { kernel: compile(), results: new Set<Storage>() };
    // A map keeps the order of insertion: the oldest first.
    if (known) this.entries.delete(key);
    this.entries.set(key, entry);
    entry.results.add(result);
    this.makers.set(result, entry);
    if (!known) this.shrink();
    return { kernel: entry.kernel, compiled: !known };
  }

  released(result: Storage): void {
    this.makers.get(result)?.results.delete(result);
    this.makers.delete(result);
  }

  clear(): void {
    for (const { kernel } of this.entries.values()) kernel.destroy();
    this.entries.clear();
    this.makers.clear();
  }

  private shrink(): void {
    if (this.entries.size <= this.most) return;
    for (const [key, { kernel, results }] of this.entries) {
      if (results.size > 0) continue;
      // gpu.js may own textures that its results share: only a kernel without any is given up.
      kernel.destroy();
      this.entries.delete(key);
      if (this.entries.size <= this.most) return;
    }
  }
}
