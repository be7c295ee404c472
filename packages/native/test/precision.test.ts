/** Digits that long sums must keep: the part of a gradient along its row, which is taken out at the end, grows with N and hides their loss. */
import { randomStream } from "@comhe/core";
import { expect, it } from "vitest";
import { createBackend } from "../src/native-backend.js";
import { missing, testedSets } from "./support/machine.js";

const count = 6144;
const dim = 64;
const weights = randomStream(5, "precision", 0).fillNormal(new Float32Array(count * dim));

/** Row i of (2/pairs)·J(K X), half space, s = 2, in float64. */
function exactRow(units: Float64Array, lengths: Float64Array, i: number): Float64Array {
  const own = units.subarray(i * dim, (i + 1) * dim);
  const row = new Float64Array(dim);
  for (let j = 0; j < count; j++) {
    if (j === i) continue;
    const other = units.subarray(j * dim, (j + 1) * dim);
    const cosine = own.reduce((sum, x, k) => sum + x * other[k]!, 0);
    const slope = 2 / (2 - 2 * cosine) ** 2 - 2 / (2 + 2 * cosine) ** 2;
    for (let k = 0; k < dim; k++) row[k]! += slope * (other[k]! - cosine * own[k]!);
  }
  return row.map((value) => (2 * value) / (count * (2 * count - 1)) / lengths[i]!);
}

if (missing !== undefined) it.skip(`a gradient of many rows (${missing})`, () => {});

it.each(testedSets)("a gradient of many rows, %s", async (isa) => {
  const backend = createBackend({ isa, threads: 2, leastShared: 0 });
  const read = await backend.download(
    backend.scope(() => {
      const directions = backend.directions(backend.upload(weights, [1, count, dim]), 0);
      const potential = { kind: "riesz", s: 2, distance: "chordal" } as const;
      return { gradient: backend.pairwise(directions, { potential, space: "half", separationFloor: 0.01 }).gradient };
    }),
  );
  backend.dispose();
  const gradient = Float64Array.from(read.gradient);
  const lengths = Float64Array.from({ length: count }, (_, i) =>
    Math.hypot(...weights.subarray(i * dim, (i + 1) * dim)),
  );
  const units = Float64Array.from(weights, (value, at) => value / lengths[Math.floor(at / dim)]!);
  const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let error = 0;
  for (let i = 0; i < count; i += 211) {
    exactRow(units, lengths, i).forEach((value, k) => {
      error = Math.max(error, Math.abs(value - gradient[i * dim + k]!));
    });
  }
  expect(error / largest).toBeLessThan(3e-6);
});
