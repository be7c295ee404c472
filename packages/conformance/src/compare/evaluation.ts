/** Whole evaluations on the backend under test and on the reference backend, at the same seed. */

import {
  type Backend,
  createEvaluator,
  type EnergyResult,
  type PairSpec,
  type ProjectionInput,
  referenceBackend,
} from "@comhe/core";
import type { Rows } from "../inputs/rows.js";
import type { Tolerances } from "../suite/options.js";
import { type Judge, judge, judgeStrategy } from "./allowed.js";
import { assert, assertWithin } from "./assert.js";
import { maxNorm } from "./vectors.js";

/** A config whose potential and ε are spelled out, since tolerances depend on them. */
export interface Energy extends PairSpec {
  readonly normEpsilon: number;
  readonly projection: ProjectionInput;
  readonly sample?: number;
}

export const seed = 5;

/** The neurons in the precision that the backend computes in. */
export function weightsFor({ precision }: Pick<Backend<unknown>, "precision">, { data, count, dim }: Rows) {
  return { data: precision === "float64" ? Float64Array.from(data) : data.slice(), shape: [count, dim] };
}

/** Evaluates `steps` one after the other with one evaluator on each backend, and compares every result. */
export async function compareEvaluations<A>(
  backend: Backend<A>,
  tolerances: Tolerances,
  energy: Energy,
  steps: readonly Rows[],
): Promise<void> {
  const oracle = referenceBackend();
  const tested = createEvaluator(backend, energy, { seed });
  const reference = createEvaluator(oracle, energy, { seed });
  const { projection } = energy;
  for (const [step, rows] of steps.entries()) {
    const expected = await reference.evaluate(weightsFor(oracle, rows));
    const actual = await tested.evaluate(weightsFor(backend, rows));
    const judged =
      projection.kind === "none"
        ? judge(tolerances, backend, rows, energy, energy.normEpsilon)
        : judgeStrategy(tolerances, rows, energy, energy.normEpsilon, "steps" in projection);
    inContext(`step ${step}`, () => compareResults(judged, actual, expected));
  }
  for (const [name, { data, shape }] of Object.entries(reference.state().kept)) {
    const kept = tested.state().kept[name];
    assert(kept?.shape.join() === shape.join(), `kept ${name}: got shape [${kept?.shape}], expected [${shape}]`);
    assertWithin(kept.data, data, tolerances.unrolled * maxNorm(data), `kept ${name}`);
  }
}

function compareResults(judged: Judge, actual: EnergyResult, expected: EnergyResult): void {
  judged.energy([actual.energy], [expected.energy]);
  judged.gradient(actual.gradient, expected.gradient, [expected.energy]);
  assert(
    actual.deadNeurons === expected.deadNeurons,
    `dead neurons: got ${actual.deadNeurons}, expected ${expected.deadNeurons}`,
  );
}

/** Puts where it happened in front of a failure's message. */
export function inContext<R>(where: string, body: () => R): R {
  try {
    return body();
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
  }
}
