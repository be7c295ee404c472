/**
 * What regularizers and energies of embeddings add to a training step, printed. Each has processes of its own, as a user's training has: V8 compiles
 * code for the shapes of objects that it has seen, and whatever a dozen networks in one process taught it, none of them has alone.
 */
import * as tf from "@tensorflow/tfjs";
import { stepTasks } from "../cost/all-cases.js";
import type { CostCase } from "../cost/cost-case.js";
import { interleave } from "../harness.js";
import { runProbe } from "../measure/run-probe.js";
import { timingTable } from "../print.js";
import { costCases } from "../task/cases.js";
import { inTime, type PartOptions, select } from "./part.js";

export async function costPart(options: PartOptions): Promise<CostCase[]> {
  const { quick } = options;
  const done: CostCase[] = [];
  for (const { id } of quick ? costCases : select(costCases, options)) {
    if (!inTime(options, id)) continue;
    const { network, batch, names, rounds } = stepTasks[id](quick);
    console.error(`cost: ${network}, ${names.length * rounds} processes`);
    const contenders = names.map((name) => ({
      name,
      run: () => runProbe<number>("step-probe", [id, name, ...(quick ? ["quick"] : [])]),
    }));
    const timings = await interleave(contenders, { rounds, warmUp: 0 });
    const each = `median step of ${rounds} processes each, by turns`;
    console.log(`\nTraining step, ${network}, batch ${batch}, tfjs ${tf.getBackend()}, ${each}`);
    console.log(timingTable(timings, "added to a step", ({ ratio }) => `${((ratio - 1) * 100).toFixed(0)} %`));
    done.push({ id, network, batch, timings });
  }
  return done;
}
