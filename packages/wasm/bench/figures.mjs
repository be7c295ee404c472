// Prints the figures of the README: speed, precision, memory, time to the first result. `node bench/figures.mjs [--quick]`.
// It measures this package alone; `benchmarks/` has the peers.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { randomStream } from "@comhe/core";
import { wasmBackend } from "@comhe/wasm";

const quick = process.argv.includes("--quick");
const sizes = quick
  ? [[64, 576]]
  : [
      [64, 576],
      [256, 2304],
      [1024, 512],
      [4096, 512],
      [16384, 256],
    ];
const pair = (s) => ({ potential: { kind: "riesz", s, distance: "chordal" }, space: "half", separationFloor: 0.01 });
const weightsOf = (count, dim) => randomStream(1, "figures", 0).fillNormal(new Float32Array(count * dim));

function evaluate(backend, data, [count, dim], s) {
  const made = backend.scope(() => {
    const { energy, gradient } = backend.pairwise(
      backend.directions(backend.upload(data, [1, count, dim]), 0),
      pair(s),
    );
    return { energy, gradient };
  });
  return backend.download(made);
}

/** Median and best of what fits into a few seconds, at least three. */
function time(body) {
  const times = [];
  const until = performance.now() + (quick ? 50 : 3000);
  do {
    const start = performance.now();
    body();
    times.push(performance.now() - start);
  } while (performance.now() < until || times.length < 3);
  times.sort((a, b) => a - b);
  return { best: times[0], median: times[times.length >> 1] };
}

const has = (build) => {
  try {
    wasmBackend({ threads: 1, build }).dispose();
    return true;
  } catch {
    return false;
  }
};
const builds = ["baseline", "relaxed"].filter(has);
console.log(`node ${process.version}, builds: ${builds.join(", ")}`);
console.log("\n| N×d | build | threads | median ms | best ms | GFLOP/s, 3N²d |\n|---|---|---|---|---|---|");
for (const size of sizes) {
  const [count, dim] = size;
  const data = weightsOf(count, dim);
  for (const build of builds) {
    for (const threads of [1, 2]) {
      const backend = wasmBackend({ threads, build });
      const { best, median } = time(() => evaluate(backend, data, size, 2));
      const speed = (3 * count * count * dim) / median / 1e6;
      console.log(
        `| ${count}×${dim} | ${build} | ${threads} | ${median.toFixed(2)} | ${best.toFixed(2)} | ${speed.toFixed(1)} |`,
      );
      backend.dispose();
    }
  }
}

/** The same in float64, one row after the other, for a sample of the rows; the energy of all pairs where there are few. */
function exact(data, [count, dim], s, rows) {
  const x = Float64Array.from(data);
  const rho = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let k = 0; k < dim; k++) sum += x[i * dim + k] ** 2;
    rho[i] = Math.sqrt(sum);
    for (let k = 0; k < dim; k++) x[i * dim + k] /= rho[i];
  }
  const phi = (u) => (s === 0 ? -0.5 * Math.log(u) : u ** (-s / 2));
  const kappa = (u) => (s === 0 ? 1 / u : s * u ** (-s / 2 - 1));
  const pairs = count * (2 * count - 1);
  let total = 0;
  const gradients = rows.map((i) => {
    const g = new Float64Array(dim);
    for (let j = 0; j < count; j++) {
      if (j === i) continue;
      let c = 0;
      for (let k = 0; k < dim; k++) c += x[i * dim + k] * x[j * dim + k];
      total += phi(2 - 2 * c) + phi(2 + 2 * c);
      const slope = kappa(2 - 2 * c) - kappa(2 + 2 * c);
      for (let k = 0; k < dim; k++) g[k] += slope * x[j * dim + k];
    }
    let along = 0;
    for (let k = 0; k < dim; k++) along += g[k] * x[i * dim + k];
    return g.map((value, k) => ((2 / pairs) * (value - along * x[i * dim + k])) / rho[i]);
  });
  // Of all rows: each pair was met twice.
  const energy = rows.length === count ? (total + count * phi(4)) / pairs : undefined;
  return { energy, gradients };
}

console.log("\n| N×d | s | build | energy, relative error | gradient, error / largest entry |\n|---|---|---|---|---|");
for (const size of sizes) {
  const [count, dim] = size;
  const data = weightsOf(count, dim);
  const all = count * count * dim < 6e8 || process.argv.includes("--whole");
  const rows = all ? [...Array(count).keys()] : Array.from({ length: 48 }, (_, n) => Math.floor((n * count) / 48));
  for (const s of [0, 1, 2]) {
    const expected = exact(data, size, s, rows);
    for (const build of builds) {
      const backend = wasmBackend({ threads: 1, build });
      const { energy, gradient } = evaluate(backend, data, size, s);
      let [worst, largest] = [0, 0];
      rows.forEach((i, n) => {
        for (let k = 0; k < dim; k++) {
          largest = Math.max(largest, Math.abs(expected.gradients[n][k]));
          worst = Math.max(worst, Math.abs(expected.gradients[n][k] - gradient[i * dim + k]));
        }
      });
      const relative = expected.energy === undefined ? "–" : Math.abs(energy[0] / expected.energy - 1).toExponential(1);
      console.log(`| ${count}×${dim} | ${s} | ${build} | ${relative} | ${(worst / largest).toExponential(1)} |`);
      backend.dispose();
    }
  }
}

{
  const size = quick ? [512, 64] : [16384, 256];
  const data = weightsOf(...size);
  const before = process.memoryUsage.rss();
  const backend = wasmBackend({ threads: 2 });
  evaluate(backend, data, size, 2);
  const peak = process.resourceUsage().maxRSS * 1024;
  const inOut = 2 * 4 * size[0] * size[1];
  const used = Math.max(0, peak - before - inOut / 2) / 2 ** 20;
  console.log(`\nMemory of the process above inputs and outputs, ${size.join("×")}: ${used.toFixed(0)} MiB at most`);
  backend.dispose();
}
{
  const backend = wasmBackend({ threads: 1 });
  const data = weightsOf(256, 64);
  evaluate(backend, data, [256, 64], 2);
  const before = backend.memory();
  for (let call = 0; call < 1000; call++) evaluate(backend, data, [256, 64], 2);
  const after = backend.memory();
  console.log(`After 1,000 calls: ${after.bytes - before.bytes} bytes and ${after.arrays - before.arrays} arrays more`);
  backend.dispose();
}
{
  const program = join(import.meta.dirname, "first-result.mjs");
  const times = Array.from({ length: 9 }, () => Number(execFileSync(process.execPath, [program]))).sort(
    (a, b) => a - b,
  );
  console.log(`From import to the first result at 64×576: ${times[times.length >> 1].toFixed(0)} ms (median)`);
}
