import { randomStream } from "@comhe/core";
import { expect, it } from "vitest";
import { inThreeDimensions } from "./three-dimensions.js";

it("keeps the coordinates that hold most, up to their order and sign, and drops the least", () => {
  const spread = [0.1, 3, 0.2, 2, 1];
  const unit = new Float32Array(200 * 5);
  randomStream(3, "points", 0).fillNormal(unit);
  for (let row = 0; row < 200; row++) {
    const point = unit.subarray(row * 5, row * 5 + 5).map((value, k) => value * spread[k]!);
    const norm = Math.hypot(...point);
    unit.set(
      point.map((value) => value / norm),
      row * 5,
    );
  }
  const seen = inThreeDimensions(unit, 5);
  const distance = [1, 3, 4].map((axis, n) => {
    const differences = [1, -1].map((sign) =>
      Array.from({ length: 200 }, (_, row) => Math.abs(seen[row * 3 + n]! - sign * unit[row * 5 + axis]!)).reduce(
        (a, b) => Math.max(a, b),
      ),
    );
    return Math.min(...differences);
  });
  for (const each of distance) expect(each).toBeLessThan(0.25);
  for (let row = 0; row < 200; row++) expect(Math.hypot(...seen.subarray(row * 3, row * 3 + 3))).toBeLessThan(1 + 1e-5);
});
