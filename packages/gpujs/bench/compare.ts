/**
 * The pairwise energy and gradient by this package's kernels, and by the kernels one would write first: one thread for
 * each entry of an N×N matrix, untiled. Both on one mode of gpu.js, in turns, from directions on the device to energy and
 * gradient on the host. Runs in Node and in a page.
 */
import { randomStream } from "@comhe/core";
import { type GpuMode, gpujsBackend } from "@comhe/gpujs";
import type { GPU, IKernelRunShortcut } from "gpu.js";

const pair = { potential: { kind: "riesz", s: 2, distance: "chordal" }, space: "half", separationFloor: 0.01 } as const;

export interface Comparison {
  readonly mode: GpuMode;
  readonly count: number;
  readonly dim: number;
  /** Medians, in ms. */
  readonly ms: number;
  readonly naiveMs: number;
  readonly ratio: number;
  /** Between the two gradients, relative to the largest entry. */
  readonly difference: number;
}

/** Milliseconds of measuring, at least. */
const leastTime = 3000;

type Value = Float32Array | Float32Array[] | { toArray(): unknown; delete(): void };

/** ψ = 1/(1 − c²) with its slope: half space at s = 2, without floor, near pairs or pullback. */
function naiveKernels(gpu: GPU, count: number, dim: number) {
  const settings = {
    constants: { count, dim },
    precision: "single" as const,
    tactic: "precision" as const,
    pipeline: true,
    immutable: true,
    loopMaxIterations: 1e6,
  };
  const kernel = (source: string, output: number[]) => {
    const made: IKernelRunShortcut = gpu.createKernel(source, { ...settings, output });
    return made as unknown as (...args: unknown[]) => Promise<Value> | Value;
  };
  return {
    upload: kernel("function(x) { return x[this.thread.y][this.thread.x]; }", [dim, count]),
    cosines: kernel(
      `function(x) {
        let sum = 0;
        for (let k = 0; k < this.constants.dim; k++) { sum += x[this.thread.y][k] * x[this.thread.x][k]; }
        return sum;
      }`,
      [count, count],
    ),
    slopes: kernel(
      `function(c) {
        if (this.thread.x === this.thread.y) { return 0; }
        const v = c[this.thread.y][this.thread.x];
        const psi = 1 / (1 - v * v);
        return 2 * v * psi * psi;
      }`,
      [count, count],
    ),
    rows: kernel(
      `function(c) {
        let sum = 0;
        for (let j = 0; j < this.constants.count; j++) {
          if (j !== this.thread.x) {
            const v = c[this.thread.x][j];
            sum += 1 / (1 - v * v);
          }
        }
        return sum;
      }`,
      [count],
    ),
    gradient: kernel(
      `function(slopes, x) {
        let sum = 0;
        for (let j = 0; j < this.constants.count; j++) {
          sum += slopes[this.thread.y][j] * x[j][this.thread.x];
        }
        return sum;
      }`,
      [dim, count],
    ),
  };
}

const isHandle = (value: Value) => "toArray" in value;
const read = async (value: Value) => (isHandle(value) ? await value.toArray() : value);
const free = (value: Value) => {
  if (isHandle(value)) value.delete();
};

/** Rows of unit length. */
function unitRows(count: number, dim: number): Float32Array {
  const data = randomStream(1, "bench", 0).fillNormal(new Float32Array(count * dim));
  for (let i = 0; i < count; i++) {
    const row = data.subarray(i * dim, (i + 1) * dim);
    const norm = Math.hypot(...row);
    row.forEach((value, k) => {
      row[k] = value / norm;
    });
  }
  return data;
}

export async function compareKernels(
  gpujs: { readonly GPU: typeof GPU },
  mode: GpuMode,
  count: number,
  dim: number,
  rounds: number,
): Promise<Comparison> {
  const rows = unitRows(count, dim);
  const backend = await gpujsBackend({ mode });
  const directions = backend.directions(backend.upload(rows, [1, count, dim]), 0);
  const ours = async () => {
    const { energy, gradient } = backend.scope(() => {
      const result = backend.pairwise(directions, pair);
      return { energy: result.energy, gradient: result.gradient };
    });
    return (await backend.download({ energy, gradient })).gradient;
  };

  const gpu = new gpujs.GPU({ mode });
  const kernels = naiveKernels(gpu, count, dim);
  const nested = Array.from({ length: count }, (_, i) => rows.slice(i * dim, (i + 1) * dim));
  const x = await kernels.upload(nested);
  const naive = async () => {
    const cosines = await kernels.cosines(x);
    const slopes = await kernels.slopes(cosines);
    const sums = await kernels.rows(cosines);
    const gradient = await kernels.gradient(slopes, x);
    await read(sums);
    const result = await read(gradient);
    for (const each of [cosines, slopes, sums, gradient]) free(each);
    return result as Float32Array[];
  };

  const times: Record<"ours" | "naive", number[]> = { ours: [], naive: [] };
  const timed = async (name: keyof typeof times, run: () => Promise<unknown>) => {
    const start = performance.now();
    await run();
    times[name].push(performance.now() - start);
  };
  // The first round compiles.
  const [first, second] = [await ours(), await naive()];
  // Short ones go on, so that a median is one of many.
  const enough = performance.now() + leastTime;
  for (let round = 0; round < rounds || performance.now() < enough; round++) {
    await timed("ours", ours);
    await timed("naive", naive);
  }
  const difference = tangentDifference(first, second, rows, count, dim);
  await backend.dispose();
  await gpu.destroy();
  const median = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!;
  const [ms, naiveMs] = [median(times.ours), median(times.naive)];
  return { mode, count, dim, ms, naiveMs, ratio: naiveMs / ms, difference };
}

/** The naive gradient lacks the pullback and the weight of a pair. */
function tangentDifference(
  gradient: ArrayLike<number>,
  naive: readonly Float32Array[],
  rows: Float32Array,
  count: number,
  dim: number,
): number {
  const weight = 2 / (count * (2 * count - 1));
  let [largest, apart] = [0, 0];
  for (let i = 0; i < count; i++) {
    let along = 0;
    for (let k = 0; k < dim; k++) along += rows[i * dim + k]! * naive[i]![k]!;
    for (let k = 0; k < dim; k++) {
      const expected = weight * (naive[i]![k]! - along * rows[i * dim + k]!);
      largest = Math.max(largest, Math.abs(expected));
      apart = Math.max(apart, Math.abs(expected - gradient[i * dim + k]!));
    }
  }
  return apart / largest;
}
