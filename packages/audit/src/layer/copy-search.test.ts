import { type FloatArray, randomStream } from "@comhe/core";
import { describe, expect, it } from "vitest";
import { findCopies } from "./copy-search.js";
import { chosenRows, RowScanner, scanOf } from "./row-scan.js";
import { sortRows } from "./unit-rows.js";

const normal = (seed: number, count: number) => randomStream(seed, "copies", 0).fillNormal(new Float32Array(count));

/** Rows of which `b` is `a` turned by a chord of `chord`, and longer by `factor`. */
function plant(rows: Float32Array, dim: number, a: number, b: number, chord: number, factor: number, seed: number) {
  const from = rows.slice(a * dim, (a + 1) * dim);
  const aside = normal(seed, dim);
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, k) => sum + value * y[k]!, 0);
  const norm = Math.sqrt(dot(from, from));
  const along = dot(aside, from) / norm ** 2;
  for (let k = 0; k < dim; k++) aside[k]! -= along * from[k]!;
  const scale = (norm * chord) / Math.sqrt(dot(aside, aside));
  for (let k = 0; k < dim; k++) rows[b * dim + k] = factor * (from[k]! + scale * aside[k]!);
}

const search = (rows: FloatArray, dim: number, space: "full" | "half") => {
  const scan = scanOf(rows, rows.length / dim, dim);
  return findCopies(scan, sortRows(scan.norms).live, space, (chosen) => chosenRows(rows, dim, chosen));
};

/** All pairs, one after the other. */
function allCopies(rows: Float32Array, dim: number, space: "full" | "half"): string[] {
  const { norms } = scanOf(rows, rows.length / dim, dim);
  const found: string[] = [];
  for (let b = 1; b < norms.length; b++) {
    for (let a = 0; a < b; a++) {
      let [same, opposite] = [0, 0];
      for (let k = 0; k < dim && Math.min(same, opposite) <= 1e-4; k++) {
        const [x, y] = [rows[a * dim + k]! / norms[a]!, rows[b * dim + k]! / norms[b]!];
        same += (x - y) ** 2;
        opposite += (x + y) ** 2;
      }
      if ((space === "half" ? Math.min(same, opposite) : same) <= 1e-4) found.push(`${a} ${b}`);
    }
  }
  return found.sort();
}

describe("findCopies", () => {
  it.each([
    [2, 300, "full"],
    [3, 1500, "half"],
    [7, 1500, "half"],
    [12, 1500, "full"],
    [64, 1500, "half"],
    [300, 1500, "half"],
  ] as const)("finds what all pairs show: d = %i, N = %i, %s space", async (dim, count, space) => {
    const rows = normal(dim, count * dim);
    for (let n = 0; n < 60; n++) {
      const chord = 0.0099 * (n / 60);
      plant(rows, dim, n, count - 1 - n, chord, n % 2 === 0 ? -0.3 : 1e4, 1000 + n);
    }
    const found = await search(rows, dim, space);
    const pairs = found.pairs.map(({ a, b }) => `${a} ${b}`).sort();
    const expected = allCopies(rows, dim, space);
    expect(expected.length).toBeGreaterThan(25);
    expect(found.cutShort).toBe(false);
    expect(pairs).toEqual(expected.slice(0, 1024));
    for (const { cosine } of found.pairs) expect(Math.abs(cosine)).toBeGreaterThanOrEqual(1 - 5e-5);
  });

  it("finds copies among rows that crowd around one direction", async () => {
    const [dim, count] = [96, 1500];
    const rows = normal(5, count * dim).map((value, n) => value + 3 * Math.cos(n % dim));
    for (let n = 0; n < 40; n++) plant(rows, dim, n, count - 1 - n, 0.009, 2, 2000 + n);
    const found = await search(rows, dim, "full");
    expect(found.pairs.map(({ a, b }) => `${a} ${b}`).sort()).toEqual(allCopies(rows, dim, "full"));
  });

  it("groups thousands of rows that are the same, and looks at none that don't live", async () => {
    const [dim, count] = [40, 30_000];
    const rows = normal(6, count * dim);
    for (let row = 10_000; row < 25_000; row++) rows.copyWithin(row * dim, 7 * dim, 8 * dim);
    rows.fill(0, 26_000 * dim, 28_000 * dim);
    const found = await search(rows, dim, "half");
    expect(found.groups.map((group) => [group.length, group[0]])).toEqual([[15_001, 7]]);
    expect(found.repeats).toBe(15_000);
    expect(found.cutShort).toBe(false);
  });

  it("tells rows of one entry each apart, which look alike to a sketch", async () => {
    // One entry in each row: all rows of a half look the same to a sketch, and none is a copy of another.
    const [dim, count] = [1200, 1200];
    const rows = new Float32Array(count * dim);
    for (let row = 0; row < count; row++) rows[row * dim + row] = 1 + row;
    const found = await search(rows, dim, "full");
    expect(found.repeats).toBe(0);
    expect(found.groups).toEqual([]);
  });
});

describe("RowScanner", () => {
  it("sees the same whatever the stretches", () => {
    const [dim, count] = [33, 50];
    const rows = normal(8, count * dim);
    rows.fill(0, 4 * dim, 5 * dim);
    rows.fill(2.5, 6 * dim, 7 * dim);
    rows[9 * dim + 3] = Number.NaN;
    rows[9 * dim + 5] = Number.POSITIVE_INFINITY;
    rows[11 * dim + 1] = Number.NEGATIVE_INFINITY;
    const scanner = new RowScanner(count, dim);
    for (const [from, to] of [
      [0, 1],
      [1, 20],
      [20, 50],
    ] as const)
      scanner.add(rows.subarray(from * dim, to * dim));
    const scan = scanner.result();
    expect(scan).toEqual(scanOf(rows, count, dim));
    expect([scan.constant, scan.nan, scan.infinite]).toEqual([[6], [9], [11]]);
    expect(scan.wrong).toEqual({ numbers: 3, row: 9, column: 3, value: Number.NaN });
    expect(scan.norms[4]).toBe(0);
    expect(scan.norms[6]).toBeCloseTo(2.5 * Math.sqrt(dim), 5);
  });

  it("takes lengths whose squares are beyond float64", () => {
    const scan = scanOf(Float64Array.of(3e200, 4e200, 3e-200, 4e-200, 3e-310, 4e-310), 3, 2);
    expect(scan.norms[0]! / 5e200).toBeCloseTo(1, 12);
    expect(scan.norms[1]! / 5e-200).toBeCloseTo(1, 12);
    expect(scan.norms[2]! / 5e-310).toBeCloseTo(1, 9);
    expect(scan.sketches[0]).toBeCloseTo(scan.sketches[2]!, 6);
    expect(scan.sketches[0]).toBeCloseTo(scan.sketches[4]!, 6);
  });

  it("draws no two directions apart", () => {
    const [dim, count] = [70, 40];
    const rows = normal(9, count * dim);
    const { norms, sketches, width, length } = scanOf(rows, count, dim);
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < a; b++) {
        let own = 0;
        for (let k = 0; k < dim; k++) own += (rows[a * dim + k]! / norms[a]! - rows[b * dim + k]! / norms[b]!) ** 2;
        for (let from = 0; from < width; from += length) {
          let seen = 0;
          for (let k = from; k < from + length; k++) seen += (sketches[a * width + k]! - sketches[b * width + k]!) ** 2;
          expect(seen).toBeLessThanOrEqual(own * (1 + 1e-5));
        }
      }
    }
  });
});
