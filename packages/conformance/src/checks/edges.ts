/** Where the formulas break, and what the specification fixes there. Through `evaluate`, without projection. */
import { energyAndGradient } from "@comhe/core";
import { assert, assertFinite, assertIdentical } from "../compare/assert.js";
import { compareEvaluations, weightsFor } from "../compare/evaluation.js";
import { inverseSquare, pairs, separationFloor } from "../inputs/energies.js";
import { normalRows, placed, type Rows, scaledRows, withZeroRows } from "../inputs/rows.js";
import { strategies, strategyCount, strategyDim } from "../inputs/strategies.js";
import type { Case, CheckFamily } from "../suite/check.js";
import type { Tolerances } from "../suite/options.js";

const plain = normalRows(121, 5, 4);
const beside = (factor: number, chord: number) => placed(plain, [{ of: 3, from: 1, factor, chord }]);

const close: Readonly<Record<string, Rows>> = {
  "equal rows": beside(1, 0),
  "a multiple": beside(3.7, 0),
  "all rows equal": placed(
    plain,
    [1, 2, 3, 4].map((of) => ({ of, from: 0, factor: 1, chord: 0 })),
  ),
  antipodal: beside(-1, 0),
  "an antipodal multiple": beside(-0.3, 0),
  "far below the floor": beside(2, 1e-5),
  "below the floor": beside(1.3, 2e-3),
  "at the floor": beside(1.3, separationFloor),
  "above the floor": beside(0.8, 0.03),
  "antipodal, below the floor": beside(-2, 2e-3),
  "antipodal, above the floor": beside(-0.6, 0.03),
};

const lengths: Readonly<Record<string, Rows>> = {
  "a zero row": withZeroRows(plain, [2]),
  "two zero rows": withZeroRows(plain, [0, 4]),
  "zero rows alone": withZeroRows(plain, [0, 1, 2, 3, 4]),
  "norms of 1e30": scaledRows(plain, () => 1e30),
  "norms of 1e-30": scaledRows(plain, () => 1e-30),
  "norms of 1e-20 … 1e20": scaledRows(plain, (row) => 10 ** (10 * row - 20)),
  "near rows of norms 1e-25 and 1e25": scaledRows(beside(1, 0.03), (row) => (row === 3 ? 1e25 : 1e-25)),
};

export function edgeChecks(tolerances: Tolerances): readonly CheckFamily[] {
  const families = (sets: Readonly<Record<string, Rows>>, epsilons: readonly number[]) =>
    Object.entries(sets).flatMap(([name, rows]) =>
      epsilons.flatMap((normEpsilon) =>
        pairs().map(
          ({ name: energy, pair }): Case => ({
            name: `${name}, ${energy}, ε = ${normEpsilon}`,
            run: (backend) =>
              compareEvaluations(backend, tolerances, { ...pair, normEpsilon, projection: { kind: "none" } }, [rows]),
          }),
        ),
      ),
    );
  return [
    { name: "close rows", cases: [...families(close, [0, 1e-4]), stillCoincident, ...floorCases(tolerances)] },
    { name: "rows of any length", cases: [...families(lengths, [0, 1e-4]), subnormal] },
    { name: "a zero row under every strategy", cases: zeroRowCases },
  ];
}

/** Rows that coincide to the last bit get nothing from each other: both feel the others alone, alike. */
const stillCoincident: Case = {
  name: "rows that coincide get nothing from each other",
  async run(backend) {
    const rows = beside(2, 0);
    for (const { name, pair } of pairs()) {
      const { gradient } = await energyAndGradient(backend, pair, weightsFor(backend, rows));
      const [own, copy] = [gradient.slice(4, 8), gradient.slice(12, 16).map((value: number) => 2 * value)];
      const size = Math.max(...gradient.map(Math.abs));
      const apart = Math.max(...own.map((value: number, k: number) => Math.abs(value - copy[k]!)));
      assert(apart <= 1e-4 * size, `${name}: rows 1 and 3 differ by ${apart}, of ${size}`);
    }
  },
};

/** Other floors than the usual one, above and below the pair's chord. */
function floorCases(tolerances: Tolerances): readonly Case[] {
  return [0.001, 0.1, 1].flatMap((floor) =>
    pairs().map(({ name, pair }) => ({
      name: `floor ${floor}, ${name}`,
      run: (backend) => {
        const energy = { ...pair, separationFloor: floor, normEpsilon: 0, projection: { kind: "none" } } as const;
        return compareEvaluations(backend, tolerances, energy, [beside(1.3, 0.03)]);
      },
    })),
  );
}

/** An engine may flush such rows to zero or overflow their gradient, but never hand out a NaN. */
const subnormal: Case = {
  name: "subnormal numbers: finite, or an error that says so",
  async run(backend) {
    const rows = scaledRows(plain, () => 1e-42);
    await energyAndGradient(backend, { space: "half" }, weightsFor(backend, rows)).then(
      ({ energy, gradient }) => {
        assertFinite([energy], "energy");
        assertFinite(gradient, "gradient");
      },
      (error: { code?: string }) => {
        if (error.code !== "non-finite") throw error;
      },
    );
  },
};

/** Strategies that don't mix the neurons leave a zero row alone. */
const zeroRowCases: readonly Case[] = strategies
  .filter(({ projection }) => projection.kind !== "bilateral")
  .map(({ name, projection }) => ({
    name,
    async run(backend) {
      const rows = withZeroRows(normalRows(122, strategyCount, strategyDim), [2]);
      for (const space of ["full", "half"] as const) {
        const energy = { potential: inverseSquare, space, projection };
        const { gradient, deadNeurons } = await energyAndGradient(backend, energy, weightsFor(backend, rows));
        assertFinite(gradient, "gradient");
        const own = gradient.subarray(2 * strategyDim, 3 * strategyDim);
        assertIdentical(own, new Float32Array(strategyDim), `gradient of the zero row, ${space} space`);
        assert(deadNeurons === 1, `dead neurons: got ${deadNeurons}`);
      }
    },
  }));
