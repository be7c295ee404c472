/** Near rows of large tables are found, as often as is said, and with the cosine that they have. */
import { randomStream } from "@comhe/core";
import { expect, it } from "vitest";
import { findNearPairs, oddsOfNear } from "./near-search.js";
import { chosenRows, scanOf } from "./row-scan.js";

const [count, dim] = [20_000, 48];
const normal = (seed: string, size: number) => randomStream(3, seed, 0).fillNormal(new Float32Array(size));

/** Row 2n + 1 is at a chord of row 2n, or of its opposite, for the first 2·planted rows. */
function table(chord: number, planted: number, sign = 1): Float32Array {
  const rows = normal("rows", count * dim);
  const other = normal("other", planted * dim);
  for (let n = 0; n < planted; n++) {
    const row = rows.subarray(2 * n * dim, (2 * n + 1) * dim);
    const aside = other.subarray(n * dim, (n + 1) * dim);
    const dot =
      row.reduce((sum, value, k) => sum + value * aside[k]!, 0) / row.reduce((sum, value) => sum + value ** 2, 0);
    const across = aside.map((value, k) => value - dot * row[k]!);
    const length = Math.hypot(...row) / Math.hypot(...across);
    const cosine = 1 - chord ** 2 / 2;
    const sine = Math.sqrt(1 - cosine ** 2);
    const near = row.map((value, k) => 3 * sign * (cosine * value + sine * length * across[k]!));
    rows.set(near, (2 * n + 1) * dim);
  }
  return rows;
}

const search = (rows: Float32Array, space: "half" | "full") =>
  findNearPairs(scanOf(rows, count, dim), new Uint8Array(count).fill(1), space, (chosen) =>
    chosenRows(rows, dim, chosen),
  );

it.each([
  [0.03, 1],
  [0.1, 1],
  [0.2, 1],
  [0.2, -1],
] as const)("pairs at a chord of %d, with sign %d", async (chord, sign) => {
  const planted = 200;
  const rows = table(chord, planted, sign);
  const found = (await search(rows, "half")).filter(({ a, b }) => b === a + 1 && a % 2 === 0 && a < 2 * planted);
  const odds = oddsOfNear(chord, scanOf(rows.subarray(0, dim), 1, dim));
  expect(found.length / planted).toBeGreaterThan(odds - 0.08);
  expect(odds).toBeGreaterThan(0.95);
  for (const { cosine } of found) expect(cosine).toBeCloseTo(sign * (1 - chord ** 2 / 2), 5);
  if (sign === -1) expect((await search(rows, "full")).every(({ cosine }) => cosine > 0)).toBe(true);
});

it("names the nearest first, and rows that don't live never", async () => {
  const rows = table(0.1, 3);
  rows.copyWithin(100 * dim, 50 * dim, 51 * dim);
  const live = new Uint8Array(count).fill(1);
  live[0] = 0;
  const found = await findNearPairs(scanOf(rows, count, dim), live, "half", (chosen) => chosenRows(rows, dim, chosen));
  expect(found[0]).toMatchObject({ a: 50, b: 100 });
  expect(
    found
      .slice(1, 3)
      .map(({ a, b }) => [a, b])
      .sort(),
  ).toEqual([
    [2, 3],
    [4, 5],
  ]);
});
