import { pairStatistics, randomStream, referenceBackend } from "@comhe/core";
import { expect, it } from "vitest";
import { aboutMean, centredOf, centredPairs } from "./without-mean.js";

/** Rows of all lengths around `offset` times one direction. */
function rowsAround(count: number, dim: number, offset: number): Float32Array {
  const rows = randomStream(5, `${count}, ${offset}`, 0).fillNormal(new Float32Array(count * dim));
  return rows.map((value, n) => 2 ** (Math.floor(n / dim) % 5) * (value + offset * Math.sin(n % dim)));
}

it.each([0, 0.5, 3, 20])(
  "one pass says of rows without their mean what a pass of their own says, offset %s",
  async (offset) => {
    const [count, dim] = [500, 24];
    const rows = rowsAround(count, dim, offset);
    const backend = referenceBackend();
    const mean = aboutMean(rows, dim)!;
    const found = await pairStatistics(backend, { data: rows, shape: [count, dim] }, { about: mean.about });
    const expected = await centredPairs(referenceBackend(), Float64Array.from(rows), dim, async () => {});
    const got = centredOf(found.about!, mean, dim);
    expect(Math.abs(got.meanCosine! / expected.meanCosine! - 1)).toBeLessThan(1e-4);
    expect(got.isotropy).toBeCloseTo(expected.isotropy!, 4);
  },
);

it("rows that are their mean don't count, and a mean that drowns them takes a pass of its own", async () => {
  const rows = Float32Array.of(1, 1, 3, 1, 2, 1, 2, 3, 2, -1);
  const mean = aboutMean(rows, 2)!;
  expect(mean.differing).toBe(4);
  const found = await pairStatistics(referenceBackend(), { data: rows, shape: [5, 2] }, { about: mean.about });
  // (−1, 0), (1, 0), (0, 2), (0, −2): two of six pairs are opposite, the others at right angles.
  expect(centredOf(found.about!, mean, 2).meanCosine).toBeCloseTo(1 / 3, 6);
  expect(centredOf(found.about!, mean, 2).isotropy).toBeCloseTo(1, 6);
  const drowned = randomStream(6, "rows", 0).fillNormal(new Float32Array(800));
  expect(
    aboutMean(
      drowned.map((value) => value + 500),
      8,
    ),
  ).toBeUndefined();
});
