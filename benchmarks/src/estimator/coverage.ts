/**
 * Does the 95 % interval of `estimateEnergy` cover? 20 seeded tables of N = 20,000, 1 % of the pairs, against the exact energy
 * by the wasm backend; then 1,000,000 × 64 rows: time and peak memory.
 *
 * node dist/estimator.js [--tables 20] [--count 20000] [--dim 64] [--space half] [--skip-million]
 */
import { parseArgs } from "node:util";
import { defineEnergy, energyAndGradient, estimateEnergy, randomStream, type Space } from "@comhe/core";
import { wasmBackend } from "@comhe/wasm";
import { makeTable, tableKinds } from "./tables.js";

const { values } = parseArgs({
  options: {
    tables: { type: "string", default: "20" },
    count: { type: "string", default: "20000" },
    dim: { type: "string", default: "64" },
    space: { type: "string", default: "full" },
    "skip-million": { type: "boolean", default: false },
  },
});
const [count, dim] = [Number(values.count), Number(values.dim)];
const backend = await wasmBackend();
const spec = defineEnergy({ space: values.space as Space });
const pairs = Math.round((count * (count - 1)) / 200);

let covered = 0;
console.log(`${values.tables} tables of ${count} × ${dim}, ${values.space} space, s = 2, ${pairs} pairs (1 %)`);
for (let n = 0; n < Number(values.tables); n++) {
  const kind = tableKinds[n % tableKinds.length]!;
  const weights = { data: makeTable(kind, n, count, dim), shape: [count, dim] };
  const { energy: exact } = await energyAndGradient(backend, spec, weights);
  const begin = performance.now();
  const { energy, low, high, pairs: used } = await estimateEnergy(backend, spec, weights, { pairs, seed: n });
  const time = performance.now() - begin;
  const inside = low <= exact && exact <= high;
  covered += inside ? 1 : 0;
  const error = ((energy - exact) / ((high - low) / 2)).toFixed(2);
  const width = ((high - low) / 2 / exact).toExponential(1);
  console.log(
    `${kind.padEnd(16)} exact ${exact.toFixed(7)} estimate ${energy.toFixed(7)} ± ${width} relative, off by ${error} half-widths, ` +
      `${used} pairs, ${time.toFixed(0)} ms ${inside ? "covered" : "MISSED"}`,
  );
}
console.log(`covered: ${covered} of ${values.tables}`);

if (!values["skip-million"]) {
  const rows = 1_000_000;
  const data = randomStream(1, "million", 0).fillNormal(new Float32Array(rows * 64));
  for (let n = 0; n < 5000; n++) data.copyWithin((n * 200 + 7) * 64, n * 64, (n + 1) * 64);
  const begin = performance.now();
  const { energy, low, high, method } = await estimateEnergy(
    backend,
    spec,
    { data, shape: [rows, 64] },
    { budget: 40_000, seed: 1 },
  );
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  const peak = (process.resourceUsage().maxRSS / 1024).toFixed(0);
  console.log(
    `1,000,000 × 64: ${energy.toFixed(7)} (${low.toFixed(7)} to ${high.toFixed(7)}), ${method}; ${seconds} s, peak ${peak} MiB`,
  );
}
