/** Chooses, compiles and instantiates the kernels. */
import { baseline, type KernelBuild, relaxed } from "../../generated/kernels.js";

export type BuildName = "baseline" | "relaxed";

export interface Kernels {
  /** This thread's share of the command in memory. */
  run(thread: number): void;
}

const builds: Record<BuildName, KernelBuild> = { baseline, relaxed };

/** The fastest build this engine can run; undefined where it lacks WebAssembly SIMD. */
export function supportedBuild(): BuildName | undefined {
  if (typeof WebAssembly !== "object") return undefined;
  if (WebAssembly.validate(bytesOf("relaxed", false))) return "relaxed";
  return WebAssembly.validate(bytesOf("baseline", false)) ? "baseline" : undefined;
}

/** Whether the kernels run here: SIMD is there, and nothing forbids compiling (a page's policy may). */
export function canCompile(): boolean {
  try {
    const build = supportedBuild();
    return build !== undefined && compileKernels(build, false) instanceof WebAssembly.Module;
  } catch {
    return false;
  }
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
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  bytes[memoryFlagAt] = shared ? 3 : 1;
  return bytes;
}
