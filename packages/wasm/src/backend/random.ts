/** Random matrices, drawn in memory from core's stream. */
import type { RandomDraw } from "@comhe/core";
import type { WasmArray } from "../memory/arrays.js";
import type { Context } from "./context.js";

/** About what drawing a number costs, in flops. */
const cost = 40;

export function drawMatrices({ arrays, engine }: Context, { distribution, shape, from }: RandomDraw): WasmArray {
  const result = arrays.make(shape);
  const key = arrays.make([11]);
  const { int32 } = arrays.heap.views;
  int32.set(from.key, key.address / 4);
  int32.set(from.nonce, key.address / 4 + 8);
  const fields = { distribution, count: result.size, to: result, key, firstWord: from.word };
  engine.run("random", fields, cost * result.size);
  arrays.free(key);
  return result;
}
