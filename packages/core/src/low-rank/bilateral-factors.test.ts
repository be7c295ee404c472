/** The low-rank form: exact up to its rank, and the energies of the projection `bilateral`. */
import { describe, expect, it } from "vitest";
import { expectClose, expectCloseNumber } from "../../test/support/compare.js";
import { normalArray, timesTransposed } from "../../test/support/random-rows.js";
import { energyAndGradient, referenceBackend } from "../index.js";
import { bilateralFactors } from "./bilateral-factors.js";

const [count, dim] = [12, 17];

/** Rank `rank`, exactly in exact arithmetic. */
function ofRank(rank: number): Float64Array {
  return timesTransposed(normalArray(3, count * rank), normalArray(4, dim * rank), rank);
}

describe("bilateralFactors", () => {
  it.each([
    [4, 4],
    [3, 4],
    [1, 6],
    [12, 12],
  ])("holds weights of rank %i exactly in %i", (rank, held) => {
    const data = ofRank(rank);
    const { y1, y2, core, coreRank, approximation, relativeError } = bilateralFactors(
      { data, shape: [count, dim] },
      held,
      {
        seed: 5,
      },
    );
    expect([y1.shape, y2.shape, core.shape]).toEqual([
      [held, count],
      [dim, held],
      [held, held],
    ]);
    expect(coreRank).toBe(rank);
    expect(approximation.shape).toEqual([count, dim]);
    expectClose(approximation.data, data, { relative: 1e-9 });
    expect(relativeError).toBeLessThan(1e-9);
  });

  it("holds float32 weights up to float32's rounding, in their type", () => {
    const data = Float32Array.from(ofRank(3));
    const { approximation, coreRank } = bilateralFactors({ data, shape: [count, dim] }, 5);
    expect(coreRank).toBe(3);
    expect(approximation.data).toBeInstanceOf(Float32Array);
    expectClose(approximation.data, data, { relative: 1e-4 });
  });

  it("comes closer with a larger rank", () => {
    const data = normalArray(6, count * dim);
    const errors = [1, 3, 6, 9, 12].map((rank) => bilateralFactors({ data, shape: [count, dim] }, rank).relativeError);
    expect(errors.at(-1)).toBeLessThan(1e-9);
    expect(errors[3]).toBeLessThan(errors[0]);
  });

  it.each(["full", "half"] as const)("has the energies whose mean is the projection's, %s space", async (space) => {
    const weights = { data: normalArray(7, count * dim), shape: [count, dim] };
    const energy = { potential: { kind: "riesz", s: 1 }, space } as const;
    const { energies } = bilateralFactors(weights, 5, { seed: 9, name: "layer", energy });
    const config = { ...energy, projection: { kind: "bilateral", rank: 5 } } as const;
    const projected = await energyAndGradient(referenceBackend(), config, weights, { seed: 9, name: "layer" });
    expectCloseNumber((energies.y1 + energies.y2) / 2, projected.energy, { relative: 1e-12 });
  });

  it("takes kernels in their layout, and zero weights", () => {
    const data = normalArray(8, 3 * 4 * 5);
    const kernel = { data, shape: [3, 4, 5], layout: "neurons-last" } as const;
    const { y1, y2, approximation } = bilateralFactors(kernel, 2);
    expect([y1.shape, y2.shape, approximation.shape]).toEqual([
      [2, 5],
      [12, 2],
      [5, 12],
    ]);
    const zero = bilateralFactors({ data: new Float64Array(20), shape: [4, 5] }, 2);
    expect([zero.coreRank, zero.relativeError]).toEqual([0, 0]);
    expect(Array.from(zero.approximation.data)).toEqual(new Array(20).fill(0));
  });

  it("says so where the pair of projections can't hold the weights", () => {
    const weights = { data: Float64Array.of(1, 0, 0, 0, 1, 0), shape: [2, 3] };
    // P₁ sees the first coordinate alone, P₂ the second neuron alone.
    const right = { data: [1, 0, 0], shape: [1, 3] } as const;
    const left = { data: [0, 1], shape: [2, 1] } as const;
    expect(() => bilateralFactors(weights, 1, { right, left })).toThrow(
      /lose part of the weights: .* rank 0, expected 1/,
    );
  });

  it.each([
    ["rank 0", 0, {}],
    ["a rank above both sides", 4, {}],
    ["half a rank", 1.5, {}],
    ["P₁ of another shape", 1, { right: { data: [1, 2], shape: [1, 2] } }],
    ["P₂ with NaN", 1, { left: { data: [1, Number.NaN, 0], shape: [3, 1] } }],
  ] as const)("refuses %s", (_, rank, options) => {
    const weights = { data: normalArray(1, 12), shape: [3, 4] };
    expect(() => bilateralFactors(weights, rank, options)).toThrow(expect.objectContaining({ code: "invalid-config" }));
  });
});
