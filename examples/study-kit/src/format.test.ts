import { describe, expect, it } from "vitest";
import { formatDuration, formatFixed, formatList, formatP, formatSigned } from "./format.js";

describe("numbers in words", () => {
  it("signs with a true minus, and never writes a negative zero", () => {
    expect([
      formatFixed(-1.5),
      formatFixed(-0.001),
      formatSigned(0.2),
      formatSigned(-0.2),
      formatSigned(0.001),
    ]).toEqual(["−1.50", "0.00", "+0.20", "−0.20", "0.00"]);
  });

  it("shortens p-values without rounding them to nothing", () => {
    expect([0.5, 0.0123, 0.0012, 1.234e-10, 0].map(formatP)).toEqual(["0.50", "0.012", "0.0012", "1e−10", "0"]);
  });

  it("tells durations", () => {
    expect([900, 65_000, 3_700_000].map(formatDuration)).toEqual(["1 s", "1 min 5 s", "1 h 1 min"]);
  });

  it("lists", () => {
    expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(formatList)).toEqual(["", "a", "a and b", "a, b and c"]);
  });
});
