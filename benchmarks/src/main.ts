/**
 * `npm run bench`: prints the tables and writes `results/tfjs-wasm.json`. `--quick` only sees that it runs and writes nothing.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { enableWasmTraining } from "@comhe/tfjs/wasm-training";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import Table from "cli-table3";
import type { Timing } from "./harness.js";
import { type PairwiseResults, pairwise } from "./pairwise.js";
import { type CostCase, regularizerCost } from "./regularizer-cost.js";

const quick = process.argv.includes("--quick");

function timingTable(timings: readonly Timing[], last: string, value: (timing: Timing) => string): string {
  const table = new Table({ head: ["", "median ms", "best ms", "spread ms", last], style: { head: [], border: [] } });
  for (const timing of timings) {
    const { name, median, best, spread } = timing;
    table.push([name, median.toFixed(2), best.toFixed(2), spread.toFixed(2), value(timing)]);
  }
  return table.toString();
}

function printCost({ network, batch, timings }: CostCase): void {
  console.log(`\nTraining step, ${network}, batch ${batch}, tfjs ${tf.getBackend()}`);
  console.log(timingTable(timings, "added to a step", ({ ratio }) => `${((ratio - 1) * 100).toFixed(0)} %`));
}

function printPairwise({ cases, growth }: PairwiseResults): void {
  for (const { count, dim, timings } of cases) {
    console.log(`\nEnergy and gradient, ${count}×${dim}, s = 2, half space, tfjs ${tf.getBackend()}`);
    console.log(timingTable(timings, "ratio", ({ ratio }) => `${ratio.toFixed(2)}×`));
  }
  console.log("\nGrowth of the time: N^p at d = 256, d^q at N = 256");
  for (const [name, { count, dim }] of Object.entries(growth)) {
    console.log(`  ${name}: p = ${count.toFixed(2)}, q = ${dim.toFixed(2)}`);
  }
}

await tf.setBackend("wasm");
await tf.ready();
enableWasmTraining();
const cost = await regularizerCost(quick);
cost.forEach(printCost);
const pairs = await pairwise(quick);
printPairwise(pairs);
const peakMiB = process.resourceUsage().maxRSS / 1024;
console.log(`\nPeak memory of the process: ${peakMiB.toFixed(0)} MiB`);
if (!quick) {
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30) };
  const versions = { node: process.version, tfjs: tf.version_core };
  const results = { date: new Date().toISOString().slice(0, 10), machine, versions, peakMiB, cost, pairwise: pairs };
  const folder = join(import.meta.dirname, "..", "results");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "tfjs-wasm.json"), `${JSON.stringify(results, null, 2)}\n`);
}
