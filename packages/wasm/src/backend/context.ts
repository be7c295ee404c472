/** What the operations share. */

import type { Kernels } from "../kernels/load-kernels.js";
import type { Arrays, WasmArray } from "../memory/arrays.js";
import type { Engine } from "../threads/engines.js";

export interface Context {
  readonly arrays: Arrays;
  readonly engine: Engine;
  readonly kernels: Kernels;
  /** How many threads a command may run on, each of which knows its number. */
  readonly threads: number;
}

/** Its numbers, when their turn comes: the handle may have ended by then, and the memory may have grown. */
export function numbersOf({ arrays }: Context, { address, size }: WasmArray): () => Float32Array {
  return () => arrays.heap.views.float32.subarray(address / 4, address / 4 + size);
}
