/** What regularizers (`regularizer-cost.ts`) and energies of embeddings (`activation-cost.ts`) add to a training step, printed. */
import { enableWasmTraining } from "@comhe/tfjs/wasm-training";
import * as tf from "@tensorflow/tfjs";
import { activationCost } from "../activation-cost.js";
import { timingTable } from "../print.js";
import { type CostCase, regularizerCost } from "../regularizer-cost.js";
import type { PartOptions } from "./part.js";

export async function costPart({ quick }: PartOptions): Promise<CostCase[]> {
  enableWasmTraining();
  const cases = [...(await regularizerCost(quick)), ...(await activationCost(quick))];
  for (const { network, batch, timings } of cases) {
    console.log(`\nTraining step, ${network}, batch ${batch}, tfjs ${tf.getBackend()}`);
    console.log(timingTable(timings, "added to a step", ({ ratio }) => `${((ratio - 1) * 100).toFixed(0)} %`));
  }
  return cases;
}
