// How fast the kernels are on this machine, as shares of the multiply-adds that its processor does at most: the tables of the README.
// `npm run speed --workspace=@comhe/native`, a minute or two on a machine without other work. Medians; nominal work is 3N²d operations for an
// energy with its gradient, and the products besides under a random projection whose matrices are kept. With `-- 2 vocabulary` the table of a large
// vocabulary is looked at, too, on two threads: two gigabytes, and four minutes.
import { createEvaluator, pairStatistics, randomStream } from "@comhe/core";
import { instructionSets, measuredPeak, nativeBackend } from "../dist/index.js";

const threads = Number(process.argv[2] ?? 2);
const half = { potential: { kind: "riesz", s: 2, distance: "chordal" }, space: "half" };
const [dimension, count] = [40, 20];
const random = { ...half, projection: { kind: "random", dimension, count, refresh: 0 } };
const energyFlops = (rows, dim) => 3 * rows * rows * dim;
const cases = [
  ["64×576", 64, 576, half, energyFlops(64, 576), 2000],
  ["1024×512", 1024, 512, half, energyFlops(1024, 512), 100],
  ["4096×512", 4096, 512, half, energyFlops(4096, 512), 9],
  ["16,384×256", 16_384, 256, half, energyFlops(16_384, 256), 3],
  [
    "1024×4608, random, k = 40, C = 20",
    ...[1024, 4608, random, 4 * 1024 * 4608 * dimension * count + count * energyFlops(1024, dimension), 9],
  ],
];

function table(rows, dim) {
  const data = randomStream(1, "speed", rows).fillNormal(new Float32Array(rows * dim));
  return { data, shape: [rows, dim] };
}

async function median(times, run) {
  const took = [];
  for (let n = 0; n <= times; n++) {
    const begin = performance.now();
    await run();
    took.push(performance.now() - begin);
  }
  // Without the first, which starts threads and compiles, where it isn't the only one.
  return (times > 0 ? took.slice(1) : took).sort((a, b) => a - b)[times >> 1];
}

const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);
const sets = instructionSets().slice(1).reverse();
const peaks = Object.fromEntries(sets.map((isa) => [isa, measuredPeak(isa)]));
console.log(sets.map((isa) => `${isa}: ${peaks[isa].toFixed(0)} GFLOP/s a thread`).join(", "));
row("evaluate, ms", ...sets.flatMap((isa) => [`${isa}, 1`, `${isa}, ${threads}`]));
row("---", ...sets.flatMap(() => ["---", "---"]));
for (const [name, rows, dim, config, flops, times] of cases) {
  const weights = table(rows, dim);
  const cells = [];
  for (const isa of sets) {
    for (const used of [1, threads]) {
      const backend = nativeBackend({ isa, threads: used });
      const evaluator = await createEvaluator(backend, config, { seed: 1 });
      const took = await median(times, () => evaluator.evaluate(weights));
      backend.dispose();
      const share = flops / (took * 1e6) / (peaks[isa] * used);
      cells.push(`${Number(took.toPrecision(3))} (${(100 * share).toFixed(0)} %)`);
    }
  }
  row(name, ...cells);
}

const pair = (space) => ({ potential: half.potential, space, separationFloor: 1e-4 });
const everything = {
  ...{ energies: [pair("full"), pair("half")], shareOf: 1, angleBins: 90, nearest: "half" },
  ...{ similar: { limit: 1024, space: "half" }, within: { chord: 1e-3, space: "half" } },
};
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
const vocabulary = [128_256, 4096];
for (const [rows, dim] of [[32_000, 256], [16_000, 4096], ...(process.argv[3] === "vocabulary" ? [vocabulary] : [])]) {
  const weights = table(rows, dim);
  const backend = nativeBackend({ isa: sets[0], threads });
  const isLarge = rows === vocabulary[0];
  const before = process.memoryUsage().rss;
  // The first call of a vocabulary is its only one.
  const took = await median(isLarge ? 0 : 1, () => pairStatistics(backend, weights, everything));
  // The process' peak, which only the largest table is.
  const beyond = isLarge
    ? `, ${megabytes(1024 * process.resourceUsage().maxRSS - before)} beyond ${megabytes(4 * rows * dim)} of rows`
    : "";
  backend.dispose();
  console.log(`statistics of ${rows}×${dim}, ${sets[0]}, ${threads} threads: ${(took / 1e3).toFixed(2)} s${beyond}`);
}
{
  const shape = [count, dimension, 4608];
  const from = randomStream(1, "speed", 0).position();
  const backend = nativeBackend({ threads });
  const drawn = await median(9, () => backend.random({ distribution: "gaussian", shape, from }));
  const numbers = new Float32Array(count * dimension * 4608);
  const core = await median(5, () => randomStream(1, "speed", 0).fillNormal(numbers));
  console.log(`${numbers.length} normal numbers: ${drawn.toFixed(1)} ms, by core ${core.toFixed(1)} ms`);
  backend.dispose();
}
