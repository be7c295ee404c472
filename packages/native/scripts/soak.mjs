// What stays behind after long use: 10,000 calls of one backend, and 1,000 worker threads with backends of their own, half of which they never end.
// `npm run soak --workspace=@comhe/native`, opt-in, some minutes; it prints memory and threads on the way and fails where they grow.
// Numbers of calls and of workers may be given.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { createEvaluator, pairStatistics, randomStream } from "@comhe/core";
import { nativeBackend } from "../dist/index.js";

const [calls, workers] = [Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 1000)];
/** What the allocator and V8 may hold more, some time or other, than they did after warming up. */
const slackMegabytes = 64;

const config = { potential: { kind: "riesz", s: 2, distance: "chordal" }, space: "half" };
const random = { ...config, projection: { kind: "random", dimension: 8, count: 4 } };
const tables = [
  [64, 96],
  [200, 40],
  [300, 130],
].map(([count, dim]) => ({
  data: randomStream(1, "soak", count).fillNormal(new Float32Array(count * dim)),
  shape: [count, dim],
}));
const pair = { potential: config.potential, space: "half", separationFloor: 1e-4 };

const megabytes = () => process.memoryUsage().rss / 1e6;
function threads() {
  try {
    return readdirSync("/proc/self/task").length;
  } catch {
    return Number.NaN;
  }
}

function check(what, before, after, most) {
  console.log(`${what}: ${before.toFixed(0)} → ${after.toFixed(0)}`);
  if (after - before > most) throw new Error(`soak: ${what} grew from ${before} to ${after}, by more than ${most}`);
}

async function useBackend(times) {
  const backend = nativeBackend({ threads: 2 });
  const evaluators = await Promise.all([config, random].map((of) => createEvaluator(backend, of, { seed: 1 })));
  const round = async () => {
    for (const table of tables) {
      for (const evaluator of evaluators) {
        await evaluator.evaluate(table);
        await evaluator.energy(table);
      }
      await pairStatistics(backend, table, { energies: [pair], shareOf: 0, angleBins: 90, nearest: "half" });
    }
  };
  const perRound = tables.length * 5;
  for (let n = 0; n < times / 5; n += perRound) await round();
  const before = megabytes();
  for (let n = 0; n < times; n += perRound) await round();
  check(`MB after ${times} calls`, before, megabytes(), slackMegabytes);
  backend.dispose();
}

const entry = (path) => JSON.stringify(join(import.meta.dirname, path));
const code = (ends) => `
const { energyAndGradient } = require(${entry("../../core/dist/index.cjs")});
const { nativeBackend } = require(${entry("../dist/index.cjs")});
const backend = nativeBackend({ threads: 3 });
const data = Float32Array.from({ length: 700 * 64 }, (_, n) => Math.sin(n * n));
energyAndGradient(backend, { space: "half" }, { data, shape: [700, 64] }).then(({ energy }) => {
  ${ends ? "backend.dispose();" : ""}
  require("node:worker_threads").parentPort.postMessage(energy);
});
`;

function energyOf(ends) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(code(ends), { eval: true });
    let energy = Number.NaN;
    worker.on("message", (value) => (energy = value));
    worker.on("error", reject);
    worker.on("exit", () => resolve(energy));
  });
}

async function useWorkers(count) {
  const expected = await energyOf(true);
  const round = async () => {
    // Two at a time, of which one ends its backend.
    for (const energy of await Promise.all([energyOf(true), energyOf(false)])) {
      if (energy !== expected) throw new Error(`soak: a worker's energy is ${energy}, expected ${expected}`);
    }
  };
  for (let n = 0; n < count / 5; n += 2) await round();
  const [before, threadsBefore] = [megabytes(), threads()];
  for (let n = 0; n < count; n += 2) await round();
  check(`MB after ${count} workers`, before, megabytes(), slackMegabytes);
  check("threads", threadsBefore, threads(), 0);
}

await useBackend(calls);
await useWorkers(workers);
