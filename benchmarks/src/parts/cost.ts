/** What the regularizer adds to a training step (`regularizer-cost.ts`), printed. */
import { enableWasmTraining } from "@comhe/tfjs/wasm-training";
import * as tf from "@tensorflow/tfjs";
import { timingTable } from "../print.js";
import { type CostCase, regularizerCost } from "../regularizer-cost.js";
import type { PartOptions } from "./part.js";

export async function costPart({ quick }: PartOptions): Promise<CostCase[]> {
  enableWasmTraining();
  const cases = await regularizerCost(quick);
  for (const { network, batch, timings } of cases) {
    console.log(`\nTraining step, ${network}, batch ${batch}, tfjs ${tf.getBackend()}`);
    console.log(timingTable(timings, "added to a step", ({ ratio }) => `${((ratio - 1) * 100).toFixed(0)} %`));
  }
  return cases;
}
