/** Chooses, compiles and instantiates the kernels. */
import { baseline, type KernelBuild, relaxed } from "../../generated/kernels.js";

/** `baseline`: 128-bit SIMD. `relaxed`: relaxed SIMD, which has a fused multiply-add. */
export type BuildName = "baseline" | "relaxed";

export interface Kernels {
  /** This thread's share of the command in memory. */
  run(thread: number): void;
}

const builds: Record<BuildName, KernelBuild> = { baseline, relaxed };

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

/** @param shared whether the memory will be */
export function compileKernels(build: BuildName, shared: boolean): WebAssembly.Module {
  return new WebAssembly.Module(bytesOf(build, shared));
}

export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}

function bytesOf(build: BuildName, shared: boolean): Uint8Array<ArrayBuffer> {
  const { base64, memoryFlagAt } = builds[build];
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let n = 0; n < text.length; n++) bytes[n] = text.charCodeAt(n);
  bytes[memoryFlagAt] = shared ? 3 : 1;
  return bytes;
}
