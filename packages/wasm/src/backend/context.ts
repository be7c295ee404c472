/** What the operations share. */
import type { Engine } from "../kernels/engine.js";
import type { Arrays } from "../memory/arrays.js";

export interface Context {
  readonly arrays: Arrays;
  readonly engine: Engine;
}
