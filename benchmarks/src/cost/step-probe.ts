/**
 * Times the training step of one case with one term, in this process, which trains nothing else: `node step-probe.js CASE TERM [quick]`. Prints
 * the median of its steps in milliseconds, as JSON.
 */
import "../relaxed-simd.js";
import "@tensorflow/tfjs-backend-wasm";
import { enableWasmTraining } from "@comhe/tfjs/wasm-training";
import * as tf from "@tensorflow/tfjs";
import { quantile } from "../harness.js";
import { stepTasks } from "./all-cases.js";

/** Slow terms have fewer steps: so long at most before the clock runs, and with it. */
const milliseconds = 1500;

const [id, term, quick] = process.argv.slice(2);
await tf.setBackend("wasm");
await tf.ready();
enableWasmTraining();
const { steps, open } = stepTasks[id as keyof typeof stepTasks](quick !== undefined);
const train = open(term!);
await repeat(steps.warmUp);
console.log(JSON.stringify(quantile(await repeat(steps.timed), 0.5)));

/** Milliseconds of each step. */
async function repeat(count: number): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + milliseconds;
  while (times.length < count && (times.length === 0 || performance.now() < end)) {
    const start = performance.now();
    await train();
    times.push(performance.now() - start);
  }
  return times;
}
