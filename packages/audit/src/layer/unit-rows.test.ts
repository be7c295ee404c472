/** Dead neurons by the layer's typical norm; directions of rows at the ends of what floats hold. */
import { randomStream } from "@comhe/core";
import { describe, expect, test } from "vitest";
import { livingRows, raiseSmallRows, unitRows } from "./unit-rows.js";

const [count, dim] = [40, 16];
const plain = () => randomStream(1, "rows", 0).fillNormal(new Float32Array(count * dim));

function scaleRows<T extends Float32Array | Float64Array>(data: T, factor: number, from = 0, to = count): T {
  for (let n = from * dim; n < to * dim; n++) data[n]! *= factor;
  return data;
}

describe("faint neurons", () => {
  test.each([1e-30, 1, 1e30])("rows of 1e-5 to 5e-4 of the others, where norms are about %s", (scale) => {
    for (const [faint, share] of [
      [1, 5e-4],
      [12, 1e-4],
      [19, 1e-5],
    ] as const) {
      const found = unitRows(scaleRows(scaleRows(plain(), scale), share, 0, faint), count, dim);
      expect(found).toMatchObject({ living: count - faint, dead: 0, faint, fading: 0 });
    }
  });

  test("are told from dead ones beside them", () => {
    const rows = scaleRows(scaleRows(plain(), 0, 0, 20), 1e-4, 20, 25);
    expect(unitRows(rows, count, dim)).toMatchObject({ living: 15, dead: 20, faint: 5, fading: 0 });
  });

  test("one huge row makes none of the others so", () => {
    expect(unitRows(scaleRows(plain(), 1e5, 0, 1), count, dim)).toMatchObject({ living: count, faint: 0 });
  });
});

describe("dead neurons", () => {
  test.each([1, 1e-30, 1e-36, 1e30])("none where all rows have a norm of about %s", (scale) => {
    expect(unitRows(scaleRows(plain(), scale), count, dim)).toMatchObject({ living: count, fading: 0 });
  });

  test.each([0, 1e-42, 1e-30, 1e-12, 1e-7])("rows of %s of the others are, one or all but one", (scale) => {
    for (const dead of [1, 19, 30, 39]) {
      const found = unitRows(scaleRows(plain(), scale, 0, dead), count, dim);
      expect(found.living).toBe(count - dead);
      expect(found.fading).toBe(scale === 0 ? 0 : dead);
      expect([...found.live.subarray(0, dead)].some((live) => live === 1)).toBe(false);
    }
  });

  test("rows of 1e-4 of the others live, and so does a layer beside one outlier", () => {
    expect(unitRows(scaleRows(plain(), 1e-4, 0, 30), count, dim).living).toBe(count);
    expect(unitRows(scaleRows(plain(), 1e3, 0, 1), count, dim).living).toBe(count);
  });

  test("all are where all are zeros", () => {
    expect(unitRows(new Float32Array(count * dim), count, dim)).toMatchObject({ living: 0, dead: count, fading: 0 });
  });

  test("the others are kept in order", () => {
    const rows = scaleRows(plain(), 0, 0, 10);
    const directions = unitRows(rows, count, dim);
    expect(livingRows(rows, dim, directions)).toEqual(rows.slice(10 * dim));
  });
});

test("directions have length 1 at every scale, of float64 at its own ends too", () => {
  for (const scale of [1e-300, 1e-30, 1, 1e30, 1e300]) {
    const rows = scaleRows(Float64Array.from(plain()), scale);
    const { unit, living } = unitRows(rows, count, dim);
    expect(living).toBe(count);
    for (let i = 0; i < count; i++) {
      expect(Math.hypot(...unit.subarray(i * dim, (i + 1) * dim))).toBeCloseTo(1, 12);
    }
  }
});

test("small rows are raised with their directions kept to the last bit, others left alone", () => {
  const rows = plain();
  expect(raiseSmallRows(rows, count, dim)).toBe(rows);
  scaleRows(rows, 2 ** -126, 0, 3);
  const raised = raiseSmallRows(rows, count, dim);
  expect(raised.subarray(3 * dim)).toEqual(rows.subarray(3 * dim));
  for (let row = 0; row < 3; row++) {
    const factor = raised[row * dim]! / rows[row * dim]!;
    expect(Math.log2(factor) % 1).toBe(0);
    for (let k = row * dim; k < (row + 1) * dim; k++) expect(raised[k]).toBe(rows[k]! * factor);
    expect(Math.hypot(...raised.subarray(row * dim, (row + 1) * dim))).toBeGreaterThan(2 ** -61);
  }
});
