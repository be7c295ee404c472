/** Drawing rows: every set equally likely, in O(m), and there and back. */
import { describe, expect, it } from "vitest";
import { randomStream } from "../random/random-stream.js";
import { drawRows, spreadRows, takeRows } from "./sample-rows.js";

const draw = (count: number, wanted: number, index = 0) => drawRows(count, wanted, randomStream(3, "rows", index));

describe("drawRows", () => {
  it("distinct rows in increasing order", () => {
    for (const [count, wanted] of [
      [2, 2],
      [7, 3],
      [1000, 999],
      [1_000_000, 1024],
    ] as const) {
      const rows = draw(count, wanted);
      expect(rows).toHaveLength(wanted);
      rows.forEach((row, n) => {
        expect(row).toBeGreaterThan(n === 0 ? -1 : rows[n - 1]!);
      });
      expect(rows.at(-1)).toBeLessThan(count);
    }
  });

  it("every set is equally likely", () => {
    const draws = 6000;
    const seen = new Map<string, number>();
    const stream = randomStream(3, "rows", 0);
    for (let n = 0; n < draws; n++) {
      const set = drawRows(6, 3, stream).join();
      seen.set(set, (seen.get(set) ?? 0) + 1);
    }
    expect(seen.size).toBe(20);
    const expected = draws / 20;
    const chiSquare = [...seen.values()].reduce((sum, times) => sum + (times - expected) ** 2 / expected, 0);
    // 99.9 % quantile with 19 degrees of freedom.
    expect(chiSquare).toBeLessThan(43.8);
  });

  it("a seed fixes it, on every platform", () => {
    expect([...draw(100_000, 5)]).toEqual([...draw(100_000, 5)]);
    expect([...draw(100_000, 5, 1)]).not.toEqual([...draw(100_000, 5)]);
  });
});

it("taken rows return to their places", () => {
  const data = Float32Array.from({ length: 12 }, (_, n) => n + 1);
  const rows = Int32Array.of(1, 3);
  const taken = takeRows(data, 3, rows);
  expect([...taken]).toEqual([4, 5, 6, 10, 11, 12]);
  expect([...spreadRows(taken, 4, 3, rows)]).toEqual([0, 0, 0, 4, 5, 6, 0, 0, 0, 10, 11, 12]);
  expect(takeRows(Float64Array.from(data), 3, rows)).toBeInstanceOf(Float64Array);
});
