/** What {@link wasmBackend} takes and gives: the types, apart from what makes them. */
import type { Backend } from "@comhe/core";
import type { BuildName } from "./kernels/packed-kernels.js";
import type { WasmArray } from "./memory/arrays.js";

/** Options of {@link wasmBackend}. */
export interface WasmBackendOptions {
  /**
   * How many threads compute, the caller's included; a whole number ≥ 1. Default: one for each processor, 16 at most. It is always 1 where threads
   * can't share memory, as in a page that isn't cross-origin isolated.
   */
  readonly threads?: number | undefined;
  /** Which WebAssembly instructions the kernels use. Default: the fastest that the engine can run. */
  readonly build?: BuildName | undefined;
  /** Called with a message where worker threads can't start, so that one thread computes. Default: `console.warn`, once in a process or page. */
  readonly warn?: ((message: string) => void) | undefined;
}

/** The backend, with what it runs on and what is alive. */
export interface WasmBackend extends Backend<WasmArray> {
  /**
   * Which WebAssembly instructions the kernels use. It is `javascript`, which gives right results slowly, where the engine lacks WebAssembly SIMD, or
   * a page's policy forbids WebAssembly.
   */
  readonly build: BuildName | "javascript";
  /** How many threads large operations are shared by; 1 as soon as workers turn out not to start. */
  readonly threads: number;
  /** What is alive in WebAssembly memory. */
  memory(): {
    /** How many arrays live. */
    readonly arrays: number;
    /** How many bytes they and the kernels' scratch memory take. */
    readonly bytes: number;
  };
  /** Ends the workers and frees the memory; the backend can't be used afterwards. */
  dispose(): void;
}
