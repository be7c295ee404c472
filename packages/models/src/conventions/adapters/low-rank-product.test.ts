import { expect, test } from "vitest";
import type { StoredTensor } from "../../tensors/stored-tensor.js";
import { lowRankTensor } from "./low-rank-product.js";

function stored(shape: number[], data: Float32Array): StoredTensor {
  const read = async (from: number, count: number) => data.slice(from, from + count);
  return { name: "x", shape, dataType: "float32", floating: true, inParts: true, read };
}

/** More rows than are computed at once, so that blocks meet in the middle of what is read. */
test.each([false, true])("a product of several blocks, transposed: %s", async (transposed) => {
  const [rows, columns, rank] = [1500, 4000, 2];
  const left = Float32Array.from({ length: rows * rank }, (_, n) => ((n * 7) % 13) - 6);
  const right = Float32Array.from({ length: rank * columns }, (_, n) => ((n * 5) % 11) - 5);
  const turn = (data: Float32Array, [n, m]: [number, number]) =>
    data.map((_, i) => data[(i % n) * m + Math.floor(i / n)]!);
  // Of (B·A)ᵀ, A's columns are the rows.
  const [a, b] = transposed ? [turn(left, [rows, rank]), turn(right, [rank, columns])] : [right, left];
  const tensor = lowRankTensor({
    name: "w",
    shape: [rows, columns],
    a: stored([rank, transposed ? rows : columns], a),
    b: stored([transposed ? columns : rows, rank], b),
    rank,
    scale: 0.5,
    transposed,
    note: "",
  });
  const expected = (position: number) => {
    const [i, j] = [Math.floor(position / columns), position % columns];
    return 0.5 * (left[i * rank]! * right[j]! + left[i * rank + 1]! * right[columns + j]!);
  };
  const wrong = (got: ArrayLike<number>, start: number) => {
    let count = 0;
    for (let n = 0; n < got.length; n++) if (got[n] !== expected(start + n)) count++;
    return count;
  };
  expect(wrong(await tensor.read(0, rows * columns), 0)).toBe(0);
  const [from, count] = [448_123, 4_300_007];
  const part = await tensor.read(from, count);
  expect(part.length).toBe(count);
  expect(wrong(part, from)).toBe(0);
});
