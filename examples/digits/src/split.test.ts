import { describe, expect, it } from "vitest";
import { loadDigits } from "./digits-data.js";
import { DATA_FILE } from "./paths.js";
import { splitDigits } from "./split.js";

const digits = loadDigits(DATA_FILE);

describe("splitDigits", () => {
  it("splits the pool into training and validation rows, and keeps the test rows out of both", () => {
    const { rows, training, validation, test } = splitDigits(digits, 3, 200);
    expect([training.count, validation.count, test.count]).toEqual([200, 800, 797]);
    const pool = [...rows.training, ...rows.validation].sort((a, b) => a - b);
    expect(pool).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect([...rows.test]).toEqual(Array.from({ length: 797 }, (_, i) => 1000 + i));
  });

  it("is the same for the same seed, and another for another", () => {
    const rowsOf = (seed: number) => [...splitDigits(digits, seed, 200).rows.training];
    expect(rowsOf(1)).toEqual(rowsOf(1));
    expect(rowsOf(1)).not.toEqual(rowsOf(2));
  });

  it("centres pixels by the training rows alone", () => {
    const { training, test } = splitDigits(digits, 1, 200);
    const meanOf = ({ inputs, count }: typeof training, pixel: number) =>
      Array.from({ length: count }, (_, i) => inputs[i * 64 + pixel]!).reduce((sum, value) => sum + value, 0) / count;
    for (const pixel of [0, 20, 35]) expect(meanOf(training, pixel)).toBeCloseTo(0, 5);
    expect(Math.abs(meanOf(test, 20))).toBeGreaterThan(0.01);
  });

  it("keeps labels with their rows", () => {
    const { rows, validation } = splitDigits(digits, 5, 300);
    expect([...validation.labels]).toEqual(Array.from(rows.validation, (row) => digits.labels[row]));
  });

  it.each([5, 1000, 20.5])("refuses %d training rows", (samples) => {
    expect(() => splitDigits(digits, 1, samples)).toThrow(/--samples: expected a whole number from 20 to 999/);
  });
});
