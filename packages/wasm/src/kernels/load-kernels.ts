/** Chooses, compiles and instantiates the kernels. */
import { kernels } from "../../generated/kernels.js";
import type { Heap } from "../memory/heap.js";
import { commandAt, instantiate, statisticsAt, statisticsCode, words } from "../threads/protocol.js";
import { type BuildName, bytesOf, type PackedKernels } from "./packed-kernels.js";

export interface Kernels {
  /** This thread's share of the command in memory. */
  run(thread: number): void;
  /** The kernels of statistics, which must be there before their command is. Adding them again does nothing. */
  addStatistics(kernels: PackedKernels): void;
}

/** `i32x4.splat(1)`, and `f32x4.relaxed_madd` of three such, as whole modules. */
const probes: Record<BuildName, readonly number[]> = {
  baseline: [10, 8, 1, 6, 0, 65, 1, 253, 17, 11],
  relaxed: [10, 19, 1, 17, 0, 65, 1, 253, 17, 65, 1, 253, 17, 65, 1, 253, 17, 253, 133, 2, 11],
};
/** Magic number, version, a function of type [] → [v128]. */
const beforeCode = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0];

/** The fastest build this engine can run; undefined where it lacks WebAssembly SIMD. */
export function supportedBuild(): BuildName | undefined {
  if (typeof WebAssembly !== "object") return undefined;
  const has = (build: BuildName) => WebAssembly.validate(Uint8Array.from([...beforeCode, ...probes[build]]));
  if (has("relaxed")) return "relaxed";
  return has("baseline") ? "baseline" : undefined;
}

/** The kernels that every backend starts with. @param shared whether the memory will be */
export function compileKernels(build: BuildName, shared: boolean): WebAssembly.Module {
  return new WebAssembly.Module(bytesOf(kernels, build, shared));
}

/** On this thread; workers do the same with the module (`src/threads/protocol.ts`). */
export function startKernels(module: WebAssembly.Module, build: BuildName, heap: Heap): Kernels {
  const run = instantiate(module, heap.memory);
  let runStatistics: typeof run | undefined;
  return {
    run(thread) {
      if (heap.views.float64[commandAt] === statisticsCode) runStatistics!(thread);
      else run(thread);
    },
    addStatistics(packed) {
      if (runStatistics) return;
      const { buffer, int32 } = heap.views;
      const bytes = bytesOf(packed, build, !(buffer instanceof ArrayBuffer));
      runStatistics = instantiate(new WebAssembly.Module(bytes), heap.memory);
      // For workers, which sleep and take no messages.
      new Uint8Array(buffer).set(bytes, statisticsAt);
      Atomics.store(int32, words.statisticsBytes, bytes.length);
    },
  };
}
