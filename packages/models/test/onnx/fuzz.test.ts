/**
 * Damaged and hostile models: a clear error or a right answer, in bounded time and memory. A few hundred here;
 * `npm run fuzz --workspace=@comhe/models` does ten thousand.
 */
import { Worker } from "node:worker_threads";
import { fromNeurons, type Layout } from "@comhe/core";
import { expect, test } from "vitest";
import { answerOf } from "../support/ask-worker.js";
import { EXTERNAL_DATA, fuzzSeeds } from "./support/fuzz-seeds.js";
import { mutant } from "./support/mutate.js";
import { oracleNumbers, readByOracle } from "./support/oracle.js";

/** Vitest passes its mode on. */
const full = process.env.MODE === "full";
const models = full ? 10_000 : 600;
/** Per model. The largest of the seeds has 4 kB. A busy machine may stop for seconds, a hang stays. */
const MOST_MS = 10_000;
const MOST_BYTES = 32 * 2 ** 20;
const MOST_HEAP_MB = 192;

interface Answer {
  readonly weights: readonly {
    readonly name: string;
    readonly tensor: string;
    readonly op: string;
    readonly via: readonly string[];
    readonly dataType: string;
    readonly count: number;
    readonly dim: number;
    readonly shape: readonly number[];
    readonly layout: Layout;
    /** Left out where reading it was refused. */
    readonly data: Float32Array | Float64Array | undefined;
  }[];
  readonly unplaced: number;
  readonly failure: string | undefined;
  readonly code: string | undefined;
  readonly ms: number;
  readonly allocated: number;
}

async function startWorker(): Promise<Worker> {
  const worker = new Worker(new URL("./support/fuzz-worker.mjs", import.meta.url), {
    workerData: {
      library: new URL("../../dist/onnx.js", import.meta.url).href,
      externalData: EXTERNAL_DATA,
      most: MOST_BYTES,
    },
    resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB, stackSizeMb: 4 },
  });
  // Loading the library is no part of the time of a model.
  await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  return worker;
}

const ask = (worker: Worker, bytes: Uint8Array) => answerOf<Answer>(worker, { bytes }, MOST_MS);

/** Compares with the other reader what it can read: tensors that reach their operator as they are. */
function compare(bytes: Uint8Array, answer: Answer): "compared" | "no protobuf to the other reader" {
  const oracle = readByOracle(bytes);
  for (const { count, dim, data, name } of answer.weights) {
    if (data !== undefined) expect(data.length, name).toBe(count * dim);
  }
  if (oracle === undefined) return "no protobuf to the other reader";
  // A constant is made of one tensor or more, and tensors of several graphs may share a name.
  expect(answer.unplaced, "tensors in no weight").toBeLessThanOrEqual(oracle.count);
  if (answer.weights.length === 0) expect(answer.unplaced, "every tensor is accounted for").toBe(oracle.count);
  for (const weight of answer.weights) {
    if (weight.via.length > 0 || weight.data === undefined) continue;
    const candidates = (oracle.tensors.get(weight.tensor) ?? []).map(oracleNumbers);
    if (candidates.includes(undefined)) continue;
    const kernel = fromNeurons(weight.data, weight.shape, weight.layout);
    const found = candidates.some((numbers) => holds(numbers!, kernel, weight.op === "Gemm"));
    expect(found, `${weight.name} has other numbers than the file`).toBe(true);
  }
  return "compared";
}

/** Whether `kernel` is a part of `numbers` of its own length; Gemm may scale it. */
function holds(numbers: readonly number[], kernel: Float32Array | Float64Array, scaled: boolean): boolean {
  for (let from = 0; from + kernel.length <= numbers.length; from += Math.max(1, kernel.length)) {
    const part = numbers.slice(from, from + kernel.length);
    const pivot = part.findIndex((number) => number !== 0 && Number.isFinite(number));
    const factor = scaled && pivot >= 0 ? kernel[pivot]! / part[pivot]! : 1;
    if (part.every((number, n) => Object.is(number + 0, kernel[n]! + 0) || same(number * factor, kernel[n]!)))
      return true;
  }
  return false;
}

const same = (a: number, b: number) =>
  a === b || Math.abs(a - b) <= 1e-6 * Math.abs(a) || !(Number.isFinite(a) && Number.isFinite(b));

test(`${models} damaged models`, { timeout: 600_000 }, async () => {
  const seeds = fuzzSeeds();
  const outcomes = new Map<string, number>();
  const count = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  let slowest = 0;
  let largest = 0;
  const worker = await startWorker();
  try {
    for (const seed of seeds) expect((await ask(worker, seed)).failure).toBeUndefined();
    for (let n = 0; n < models; n++) {
      const bytes = mutant(seeds, n);
      const answer = await ask(worker, bytes).catch((error: Error) => {
        throw new Error(`model ${n} of ${bytes.length} bytes: ${error.message}`);
      });
      slowest = Math.max(slowest, answer.ms);
      largest = Math.max(largest, answer.allocated);
      expect(answer.allocated, `bytes allocated for model ${n}`).toBeLessThan(MOST_BYTES);
      if (answer.failure === undefined) count(compare(bytes, answer));
      else {
        expect(answer.code, `model ${n}: ${answer.failure}`).toBe("invalid-file");
        count("refused");
      }
    }
  } finally {
    await worker.terminate();
  }
  console.info(
    `${models} models: ${[...outcomes].map(([outcome, times]) => `${times} ${outcome}`).join(", ")}; ` +
      `slowest ${slowest.toFixed(0)} ms, at most ${Math.ceil(largest / 1024)} KiB allocated.`,
  );
  expect(outcomes.get("refused")).toBeGreaterThan(models / 20);
  expect(outcomes.get("compared")).toBeGreaterThan(models / 20);
});
