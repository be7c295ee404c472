/** `separationFloor: 0`: computed, with an error that names coincident rows; or refused. */
import { type Backend, EnergyError, energyAndGradient, type Potential } from "@comhe/core";
import { assert } from "../compare/assert.js";
import { compareEvaluations, weightsFor } from "../compare/evaluation.js";
import { inverseAngle, inverseSquare, pairs, spaces } from "../inputs/energies.js";
import { normalRows, placed, type Rows } from "../inputs/rows.js";
import { type Case, type CheckFamily, NotOffered } from "../suite/check.js";
import type { Tolerances } from "../suite/options.js";

const rows = normalRows(131, 5, 4);
const withCopy = (factor: number) => placed(rows, [{ of: 3, from: 1, factor, chord: 0 }]);

export function bareFormulaChecks(tolerances: Tolerances): CheckFamily {
  const computed = pairs().map(
    ({ name, pair }): Case => ({
      name: `${name}: computed, or refused`,
      run: async (backend) => {
        const energy = { ...pair, separationFloor: 0, normEpsilon: 0, projection: { kind: "none" } } as const;
        if (backend.bareFormula) return compareEvaluations(backend, tolerances, energy, [rows]);
        const error = await failureOf(backend, rows, energy);
        assert(error.code === "unsupported", `expected "unsupported", got "${error.code}": ${error.message}`);
        throw new NotOffered("separationFloor 0: refused");
      },
    }),
  );
  const named = Object.entries({ chordal: inverseSquare, angular: inverseAngle }).flatMap(([distance, potential]) =>
    spaces.map(
      (space): Case => ({
        name: `${distance}, ${space}: coincident rows are named`,
        async run(backend) {
          if (!backend.bareFormula) throw new NotOffered("separationFloor 0: refused");
          await expectNamed(backend, withCopy(2), { potential, space });
          if (space === "half") await expectNamed(backend, withCopy(-0.5), { potential, space });
        },
      }),
    ),
  );
  return { name: "separationFloor 0", cases: [...computed, ...named] };
}

type Bare = { readonly potential: Potential; readonly space: "full" | "half" };

async function expectNamed<A>(backend: Backend<A>, of: Rows, energy: Bare): Promise<void> {
  const error = await failureOf(backend, of, energy);
  const got = `${error.code}, rows ${JSON.stringify(error.details.rows)}`;
  assert(got === "coincident-neurons, rows [1,3]", `expected coincident-neurons, rows [1,3]; got ${got}`);
}

async function failureOf<A>(backend: Backend<A>, of: Rows, energy: Bare): Promise<EnergyError> {
  const { potential, space } = energy;
  const evaluation = energyAndGradient(backend, { potential, space, separationFloor: 0 }, weightsFor(backend, of));
  const error = await evaluation.then(
    ({ energy: value }) => new Error(`expected an error, got energy ${value}`),
    (thrown: unknown) => thrown,
  );
  if (!EnergyError.isInstance(error)) throw error;
  return error;
}
