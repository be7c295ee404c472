/**
 * `npm run statistics`: all that an audit wants of a table's pairs, in one pass, beside energy and gradient of the same rows, by
 * `@comhe/wasm` or `@comhe/native`. Processor time tells more than the clock where others use the machine; the least of all rounds is printed.
 *
 * Peak memory is that of the process, which does nothing else, and the part of it beyond what it had with the table and the request: by
 * `@comhe/wasm` it holds the table twice, as a caller's and in WebAssembly memory.
 */
import { type Backend, energyAndGradient, pairStatistics, randomStream } from "@comhe/core";
import { measuredPeak, type NativeBackend, nativeBackend } from "@comhe/native";
import { wasmBackend } from "@comhe/wasm";
import Table from "cli-table3";
import { isFused, peakOfThread } from "./peak.js";

const usage = `node benchmarks/dist/statistics.js [--backend wasm|native] [--threads n] [--rounds n] [--no-gradient] [NxD …]

Default: @comhe/wasm, two threads, one round, 32000x256 128000x64 (minutes). --no-gradient: the pass alone, for its peak memory.
A vocabulary of today: --backend native --no-gradient 128256x4096 (minutes, 2.1 GB).`;

const sizes: string[] = [];
let [threads, rounds, withGradient, isNative] = [2, 1, true, false];
const words = process.argv.slice(2);
for (let word = words.shift(); word !== undefined; word = words.shift()) {
  if (word === "--backend" && ["wasm", "native"].includes(words[0] ?? "")) isNative = words.shift() === "native";
  else if (word === "--threads") threads = Number(words.shift());
  else if (word === "--rounds") rounds = Number(words.shift());
  else if (word === "--no-gradient") withGradient = false;
  else if (/^\d+x\d+$/.test(word)) sizes.push(word);
  else {
    console.error(usage);
    process.exit(2);
  }
}
if (!(threads >= 1 && rounds >= 1)) {
  console.error(usage);
  process.exit(2);
}

const potential = { kind: "riesz", s: 2, distance: "chordal" } as const;
const pair = (space: "full" | "half") => ({ potential, space, separationFloor: 0.01 });

/** What an audit asks for. */
const requestOf = (count: number) => {
  const numbers = (value: number) => new Float64Array(count).fill(value);
  return {
    energies: [pair("full"), pair("half")],
    shareOf: 1,
    about: { own: numbers(1), other: numbers(0.01), offset: numbers(0.01) },
    angleBins: 90,
    nearest: "half",
    similar: { limit: 1024, space: "half" },
    within: { chord: 0.01, space: "half" },
  } as const;
};

interface Best {
  clock: number;
  processor: number;
}

async function time(best: Best, work: () => Promise<unknown>): Promise<void> {
  const [begin, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  best.clock = Math.min(best.clock, performance.now() - begin);
  best.processor = Math.min(best.processor, (user + system) / 1000);
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

const backend = (isNative ? nativeBackend({ threads }) : await wasmBackend({ threads })) as Backend<unknown>;
const instructions = isNative ? (backend as NativeBackend).isa : `128 bits${isFused() ? ", fused" : ""}`;
const peak = isNative ? 1e9 * measuredPeak((backend as NativeBackend).isa) : peakOfThread();
console.log(
  `${threads} threads; one multiplies and adds at most ${(peak / 1e9).toFixed(1)} GFLOP/s in ${instructions}`,
);
const largestResident = () => process.resourceUsage().maxRSS * 1024;
const table = new Table({
  head: [
    "rows",
    "what",
    "ms",
    "processor ms",
    "pairs/s",
    "ns a pair",
    "of the peak",
    "peak memory",
    "beyond the input",
  ],
});
for (const size of sizes.length > 0 ? sizes : ["32000x256", "128000x64"]) {
  const [count = 0, dim = 0] = size.split("x").map(Number);
  const data = randomStream(1, size, 0).fillNormal(new Float32Array(count * dim));
  const weights = { data, shape: [count, dim] };
  const pairs = (count * (count - 1)) / 2;
  const request = requestOf(count);
  const fresh = (): Best => ({ clock: Number.POSITIVE_INFINITY, processor: Number.POSITIVE_INFINITY });
  const [pass, gradient] = [fresh(), fresh()];
  // What the pass takes is read before the gradient takes more.
  let memory: number | undefined;
  const input = largestResident();
  for (let round = 0; round < rounds; round++) {
    await time(pass, () => pairStatistics(backend, weights, request));
    memory ??= largestResident();
    if (withGradient) await time(gradient, () => energyAndGradient(backend, { space: "half", potential }, weights));
  }
  const row = (what: string, { clock, processor }: Best, products: number, bytes?: number) =>
    table.push([
      size,
      what,
      clock.toFixed(0),
      processor.toFixed(0),
      (pairs / (clock / 1000)).toExponential(2),
      ((processor * 1e6) / pairs).toFixed(2),
      `${((100 * products * pairs * 2 * dim) / (processor / 1000) / peak).toFixed(0)} %`,
      ...(bytes === undefined ? ["", ""] : [megabytes(bytes), megabytes(bytes - input)]),
    ]);
  row("statistics", pass, 1, memory);
  if (!withGradient) continue;
  row("energy and gradient", gradient, 3);
  console.log(`${size}: statistics take ${(pass.processor / gradient.processor).toFixed(2)} of energy and gradient`);
}
console.log(table.toString());
process.exit();
