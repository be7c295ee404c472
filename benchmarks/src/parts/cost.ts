/** What regularizers (`regularizer-cost.ts`) and energies of embeddings (`activation-cost.ts`) add to a training step, printed. */
import { enableWasmTraining } from "@comhe/tfjs/wasm-training";
import * as tf from "@tensorflow/tfjs";
import { activationCases } from "../activation-cost.js";
import { timingTable } from "../print.js";
import { type CostCase, type CostMeasurement, regularizerCases } from "../regularizer-cost.js";
import { costCases } from "../task/cases.js";
import { inTime, type PartOptions, select } from "./part.js";

const measurements: Record<(typeof costCases)[number]["id"], CostMeasurement> = {
  ...regularizerCases,
  ...activationCases,
};

export async function costPart(options: PartOptions): Promise<CostCase[]> {
  enableWasmTraining();
  const done: CostCase[] = [];
  for (const { id } of options.quick ? costCases : select(costCases, options)) {
    if (!inTime(options, id)) continue;
    const found = await measurements[id](options.quick);
    const { network, batch, timings } = found;
    console.log(`\nTraining step, ${network}, batch ${batch}, tfjs ${tf.getBackend()}`);
    console.log(timingTable(timings, "added to a step", ({ ratio }) => `${((ratio - 1) * 100).toFixed(0)} %`));
    done.push(found);
  }
  return done;
}
