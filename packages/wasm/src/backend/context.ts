/** What the operations share. */

import type { Arrays } from "../memory/arrays.js";
import type { Engine } from "../threads/engines.js";

export interface Context {
  readonly arrays: Arrays;
  readonly engine: Engine;
}
