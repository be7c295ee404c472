import { expect, it } from "vitest";
import { draws } from "../../test/support/stored-numbers.js";
import { gather, rowMajor, type View } from "./strided.js";
import { readView } from "./view-reader.js";

/** Views of 5×6×7 numbers: axes in another order, cut, backwards, with gaps. */
const shape = [5, 6, 7];
const [a, b, c] = rowMajor(shape) as [number, number, number];
const views: readonly View[] = [
  { sizes: [5, 6, 7], steps: [a, b, c], offset: 0 },
  { sizes: [7, 6, 5], steps: [c, b, a], offset: 0 },
  { sizes: [5, 7, 6], steps: [a, c, b], offset: 0 },
  { sizes: [6, 7, 5], steps: [b, c, a], offset: 0 },
  { sizes: [1, 2, 3, 1, 2], steps: [0, a, b, 9, 2], offset: a + c },
  { sizes: [5, 3, 7], steps: [-a, 2 * b, -c], offset: 4 * a + 6 * c },
  { sizes: [4], steps: [-50], offset: 180 },
  { sizes: [], steps: [], offset: 17 },
];

it.each(views)("any stretch of $sizes by $steps is what the whole has there", async (view) => {
  const data = Float32Array.from({ length: 210 }, (_, n) => n);
  const whole = gather(data, view);
  const read = async (from: number, count: number) => {
    if (from < 0 || from + count > 210) throw new Error(`read ${from} + ${count}`);
    return data.slice(from, from + count);
  };
  const ends = draws(3, 400, whole.length + 1);
  for (let n = 0; n < 200; n++) {
    const from = Math.min(ends[2 * n]!, ends[2 * n + 1]!);
    const to = Math.max(ends[2 * n]!, ends[2 * n + 1]!);
    if (from === to) continue;
    expect(Array.from(await readView(view, from, to - from, read))).toEqual(Array.from(whole.slice(from, to)));
  }
});

it("takes one pass for many columns of a large matrix, and no more memory than a panel", async () => {
  const [rows, columns] = [2048, 4096];
  let passes = 0;
  const read = async (from: number, count: number) => {
    passes += count / (rows * columns);
    const numbers = new Float32Array(count);
    for (let n = 0; n < count; n++) numbers[n] = from + n;
    return numbers;
  };
  const view = { sizes: [columns, rows], steps: [1, columns], offset: 0 };
  for (const column of [0, 1, 2000, 4095]) {
    const numbers = await readView(view, column * rows, rows, read);
    expect([numbers[0], numbers[1], numbers.length]).toEqual([column, Math.fround(columns + column), rows]);
  }
  expect(passes).toBeLessThanOrEqual(1);
});

it("reads a member of a stack alone, whatever the order of its own axes", async () => {
  const reads: number[] = [];
  const read = async (from: number, count: number) => {
    reads.push(from, count);
    return new Float32Array(count);
  };
  const view = { sizes: [128, 300, 200], steps: [60_000, 1, 300], offset: 0 };
  await readView(view, 5 * 60_000, 60_000, read);
  expect(reads).toEqual([300_000, 60_000]);
});
