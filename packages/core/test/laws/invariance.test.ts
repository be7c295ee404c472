/** What doesn't change the energy: rotations, positive scales of single rows, the order of rows. And what happens to the gradient. */
import fc from "fast-check";
import { describe, it } from "vitest";
import { expectClose, expectCloseNumber, maxNorm } from "../support/compare.js";
import {
  evaluate,
  givenProjections,
  potentials,
  spaces,
  stoppedProjections,
  unrolledProjections,
} from "../support/energies.js";
import { orthogonalMatrix, rowsWith, timesTransposed, uniforms } from "../support/random-rows.js";

const dim = 9;
const anything = {
  potential: fc.constantFrom(...potentials),
  closeness: fc.constantFrom("apart" as const, "near" as const),
  count: fc.integer({ min: 2, max: 7 }),
  seed: fc.nat(1_000_000),
};

describe.each(spaces)("%s space", (space) => {
  it("rotation: the energy stays, the gradient turns along", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ ...anything, normEpsilon: fc.constantFrom(0, 1e-4) }),
        async ({ potential, closeness, count, seed, normEpsilon }) => {
          const config = { potential, space, normEpsilon };
          const rows = rowsWith(closeness, seed, count, dim);
          const turn = orthogonalMatrix(seed + 7, dim);
          const before = await evaluate(config, rows, dim);
          const after = await evaluate(config, timesTransposed(rows, turn, dim), dim);
          expectCloseNumber(after.energy, before.energy, { relative: 1e-11 }, "energy");
          expectClose(
            after.gradient,
            timesTransposed(before.gradient, turn, dim),
            { relative: 1e-9, scale: Math.max(maxNorm(before.gradient), Math.abs(before.energy)) },
            "gradient",
          );
        },
      ),
      { seed: 21, numRuns: 80 },
    );
  });

  it("rotation of the neurons and of the matrices that project them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(anything), async ({ potential, count, seed }) => {
        const rows = rowsWith("apart", seed, count, dim);
        const turn = orthogonalMatrix(seed + 7, dim);
        const matrices = orthogonalMatrix(seed + 8, dim).slice(0, 2 * 4 * dim);
        const energy = async (of: Float64Array, data: Float64Array) =>
          evaluate(
            { potential, space, projection: { kind: "fixed", matrices: { data, shape: [2, 4, dim] } } },
            of,
            dim,
          );
        const before = await energy(rows, matrices);
        const after = await energy(timesTransposed(rows, turn, dim), timesTransposed(matrices, turn, dim));
        expectCloseNumber(after.energy, before.energy, { relative: 1e-10 }, "energy");
        expectClose(after.gradient, timesTransposed(before.gradient, turn, dim), { relative: 1e-8 }, "gradient");
      }),
      { seed: 22, numRuns: 60 },
    );
  });

  describe.each(Object.entries({ ...givenProjections(dim), ...unrolledProjections, ...stoppedProjections }))(
    "%s",
    (_name, projection) => {
      it("positive scale of each row: the energy stays, the gradient shrinks as the row grows", async () => {
        await fc.assert(
          fc.asyncProperty(fc.record(anything), async ({ potential, closeness, count, seed }) => {
            const config = { potential, space, projection };
            const rows = rowsWith(closeness, seed, count, dim);
            const uniform = uniforms(seed + 9);
            const scales = Float64Array.from({ length: count }, () => 10 ** (6 * uniform() - 3));
            const before = await evaluate(config, rows, dim);
            const after = await evaluate(config, scaleRows(rows, scales), dim);
            expectCloseNumber(after.energy, before.energy, { relative: 1e-10 }, "energy");
            expectClose(scaleRows(after.gradient, scales), before.gradient, { relative: 1e-8 }, "gradient");
          }),
          { seed: 23, numRuns: 15 },
        );
      });

      it("order of the rows", async () => {
        await fc.assert(
          fc.asyncProperty(fc.record(anything), async ({ potential, closeness, count, seed }) => {
            const config = { potential, space, projection };
            const rows = rowsWith(closeness, seed, count, dim);
            const order = shuffled(count, uniforms(seed + 10));
            const before = await evaluate(config, rows, dim);
            const after = await evaluate(config, reorder(rows, order), dim);
            expectCloseNumber(after.energy, before.energy, { relative: 1e-12 }, "energy");
            expectClose(after.gradient, reorder(before.gradient, order), { relative: 1e-10 }, "gradient");
          }),
          { seed: 24, numRuns: 15 },
        );
      });
    },
  );

  describe.each([1e-150, 1e-30, 1e30, 1e150])("rows of norm %s", (scale) => {
    it.each(potentials.map((potential) => [JSON.stringify(potential), potential] as const))(
      "%s",
      async (_, potential) => {
        const rows = rowsWith("near", 31, 5, dim);
        const before = await evaluate({ potential, space }, rows, dim);
        const after = await evaluate(
          { potential, space },
          rows.map((value) => value * scale),
          dim,
        );
        expectCloseNumber(after.energy, before.energy, { relative: 1e-12 }, "energy");
        expectClose(
          after.gradient.map((value) => value * scale),
          before.gradient,
          { relative: 1e-10 },
          "gradient",
        );
      },
    );

    it("mixed with rows of norm 1", async () => {
      const rows = rowsWith("near", 32, 5, dim);
      const scales = Float64Array.of(scale, 1, 1 / scale, scale, 1);
      const before = await evaluate({ space }, rows, dim);
      const after = await evaluate({ space }, scaleRows(rows, scales), dim);
      expectCloseNumber(after.energy, before.energy, { relative: 1e-12 }, "energy");
      expectClose(scaleRows(after.gradient, scales), before.gradient, { relative: 1e-10 }, "gradient");
    });
  });

  it.each(potentials.map((potential) => [JSON.stringify(potential), potential] as const))(
    "ε > 0 stops mattering for long rows: %s",
    async (_, potential) => {
      const rows = rowsWith("apart", 33, 5, dim);
      const unit = await evaluate({ potential, space }, rows, dim);
      for (const scale of [1e8, 1e30, 1e150, 1e170]) {
        const long = rows.map((value) => value * scale);
        const { energy, gradient } = await evaluate({ potential, space, normEpsilon: 1e-4 }, long, dim);
        expectCloseNumber(energy, unit.energy, { relative: 1e-9 }, `energy at ${scale}`);
        expectClose(
          gradient.map((value) => value * scale),
          unit.gradient,
          { relative: 1e-9 },
          `gradient at ${scale}`,
        );
      }
    },
  );
});

function scaleRows<T extends Float32Array | Float64Array>(rows: T, scales: Float64Array): Float64Array {
  const width = rows.length / scales.length;
  return Float64Array.from(rows, (value, n) => value * scales[Math.floor(n / width)]);
}

function shuffled(count: number, uniform: () => number): number[] {
  return Array.from({ length: count }, (_, i) => [uniform(), i])
    .sort(([a], [b]) => a - b)
    .map(([, i]) => i);
}

function reorder(rows: ArrayLike<number>, order: readonly number[]): Float64Array {
  const width = rows.length / order.length;
  return Float64Array.from({ length: rows.length }, (_, n) => rows[order[Math.floor(n / width)] * width + (n % width)]);
}
