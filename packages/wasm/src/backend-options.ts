/** What {@link wasmBackend} takes and gives: the types, apart from what makes them. */
import type { Backend } from "@comhe/core";
import type { BuildName } from "./kernels/packed-kernels.js";
import type { WasmArray } from "./memory/arrays.js";

/** Options of {@link wasmBackend}. */
export interface WasmBackendOptions {
  /** At most so many threads. Default: one for each processor, 16 at most; always 1 where threads can't share memory. */
  readonly threads?: number | undefined;
  /** `baseline` SIMD or `relaxed` SIMD, which has a fused multiply-add. Default: the fastest that the engine can run. */
  readonly build?: BuildName | undefined;
  /** Told once where worker threads can't start, so that one thread computes. Default: `console.warn`, once in a process or page. */
  readonly warn?: ((message: string) => void) | undefined;
}

/** The backend, with what it runs on and what is alive. */
export interface WasmBackend extends Backend<WasmArray> {
  /** `javascript` where the engine lacks WebAssembly SIMD, or a page's policy forbids WebAssembly: right, but slow. */
  readonly build: BuildName | "javascript";
  /** Threads that large operations are shared by; 1 from when workers turn out not to start. */
  readonly threads: number;
  /** What is alive: arrays, and the bytes that they and the kernels' scratch memory take. */
  memory(): { readonly arrays: number; readonly bytes: number };
  /** Ends the workers and frees the memory; the backend can't be used afterwards. */
  dispose(): void;
}
