import { describe, expect, it } from "vitest";
import { angleHistogram } from "./layer-watch.js";

describe("angleHistogram", () => {
  it("counts angles between neurons, a zero one being orthogonal to all", () => {
    // Columns are neurons: (1, 0), (0, 2), (−3, 0), (0, 0).
    const counts = angleHistogram(Float64Array.from([1, 0, -3, 0, 0, 2, 0, 0]), [2, 4]);
    expect(counts[45]).toBe(5);
    expect(counts[89]).toBe(1);
  });
});
