/** Which columns make which group, and that a group's energy is that of its columns. */
import { describe, expect, it } from "vitest";
import { expectClose, expectCloseNumber } from "../../test/support/compare.js";
import { evaluate, spaces } from "../../test/support/energies.js";
import { normalArray } from "../../test/support/random-rows.js";
import { randomStream } from "../random/random-stream.js";
import { groupColumns } from "./group.js";

describe("groupColumns", () => {
  it("is contiguous, the first d mod C groups one longer, −1 filling the others", () => {
    expect([...groupColumns(7, 3)]).toEqual([0, 1, 2, 3, 4, -1, 5, 6, -1]);
    expect([...groupColumns(8, 3)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, -1]);
    expect([...groupColumns(6, 3)]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...groupColumns(3, 3)]).toEqual([0, 1, 2]);
    expect([...groupColumns(4, 1)]).toEqual([0, 1, 2, 3]);
  });

  it("shuffled, it is a partition still, of the same sizes", () => {
    for (let index = 0; index < 50; index++) {
      const columns = groupColumns(8, 3, randomStream(1, "", index));
      expect([...columns].filter((column) => column >= 0).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect([0, 1, 2].map((g) => columns.slice(3 * g, 3 * g + 3).filter((column) => column >= 0).length)).toEqual([
        3, 3, 2,
      ]);
    }
  });

  it("every column meets every group, equally often", () => {
    const draws = 6000;
    const seen = Array.from({ length: 4 }, () => [0, 0]);
    for (let index = 0; index < draws; index++) {
      groupColumns(4, 2, randomStream(2, "", index)).forEach((column, n) => {
        seen[column][Math.floor(n / 2)]++;
      });
    }
    // Binomial: standard error √(draws)/2.
    for (const counts of seen) expect(Math.abs(counts[0] - draws / 2)).toBeLessThan(2 * Math.sqrt(draws));
  });
});

it.each(spaces)("energy and gradient are those of the groups' columns, %s space", async (space) => {
  const [count, dim] = [5, 7];
  const rows = normalArray(3, count * dim);
  const { energy, gradient } = await evaluate({ space, projection: { kind: "group", groups: 3 } }, rows, dim);
  let mean = 0;
  const expected = new Float64Array(rows.length);
  for (const columns of [
    [0, 1, 2],
    [3, 4],
    [5, 6],
  ]) {
    const part = Float64Array.from({ length: count * columns.length }, (_, n) => {
      return rows[Math.floor(n / columns.length) * dim + columns[n % columns.length]];
    });
    const alone = await evaluate({ space }, part, columns.length);
    mean += alone.energy / 3;
    alone.gradient.forEach((value, n) => {
      expected[Math.floor(n / columns.length) * dim + columns[n % columns.length]] = value / 3;
    });
  }
  expectCloseNumber(energy, mean, { relative: 1e-13 });
  expectClose(gradient, expected, { relative: 1e-12 });
});
