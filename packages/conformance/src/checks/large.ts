/** More than 4096 rows, in tiles, against plain loops in float64. */
import { energyAndGradient } from "@comhe/core";
import { judge } from "../compare/allowed.js";
import { weightsFor } from "../compare/evaluation.js";
import { inverseSquare, separationFloor } from "../inputs/energies.js";
import { normalRows, type Rows, rowNorms } from "../inputs/rows.js";
import type { CheckFamily } from "../suite/check.js";
import type { Tolerances } from "../suite/options.js";

/** A prime number of rows, so that the last tile is a part of one. */
const [count, dim] = [4099, 9];

/** They take longer than most backends, and are the same for each that a process tests. */
let truth: { readonly rows: Rows; readonly expected: ReturnType<typeof inverseSquareHalf> } | undefined;

function manyRows() {
  if (!truth) {
    const rows = normalRows(111, count, dim);
    truth = { rows, expected: inverseSquareHalf(rows) };
  }
  return truth;
}

export function largeChecks(tolerances: Tolerances): CheckFamily {
  return {
    name: "many rows",
    cases: [
      {
        name: `${count}×${dim}, half space`,
        async run(backend) {
          const { rows, expected } = manyRows();
          const pair = { potential: inverseSquare, space: "half", separationFloor } as const;
          const { energy, gradient } = await energyAndGradient(backend, pair, weightsFor(backend, rows));
          const judged = judge(tolerances, backend, rows, pair, 0);
          judged.energy([energy], [expected.energy]);
          judged.gradient(gradient, expected.gradient, [expected.energy]);
        },
      },
    ],
  };
}

/** s = 2 in half space, where a pair folds to ψ = 1/(1 − c²) and ψ′ = 2cψ², and a neuron's antipode adds ¼. */
function inverseSquareHalf(rows: Rows): { readonly energy: number; readonly gradient: Float64Array } {
  const norms = rowNorms(rows, 0);
  const x = Float64Array.from(rows.data, (value, n) => value / norms[Math.floor(n / dim)]!);
  const onDirections = new Float64Array(x.length);
  let sum = 0;
  for (let i = 0; i < x.length; i += dim) {
    for (let j = i + dim; j < x.length; j += dim) {
      let cosine = 0;
      for (let k = 0; k < dim; k++) cosine += x[i + k]! * x[j + k]!;
      const psi = 1 / (1 - cosine * cosine);
      const slope = 2 * cosine * psi * psi;
      sum += psi;
      for (let k = 0; k < dim; k++) {
        onDirections[i + k]! += slope * x[j + k]!;
        onDirections[j + k]! += slope * x[i + k]!;
      }
    }
  }
  const pairs = count * (2 * count - 1);
  const gradient = onDirections.map((value, n) => {
    const start = n - (n % dim);
    let along = 0;
    for (let k = start; k < start + dim; k++) along += x[k]! * onDirections[k]!;
    return ((2 / pairs) * (value - along * x[n]!)) / norms[Math.floor(n / dim)]!;
  });
  return { energy: (2 * sum + count / 4) / pairs, gradient };
}
