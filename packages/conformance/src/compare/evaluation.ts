/** Whole evaluations on the backend under test and on the reference backend, at the same seed. */

import {
  type Backend,
  createEvaluator,
  type EnergyResult,
  type EvaluatorState,
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
  const tested = createEvaluator(backend, energy, { seed });
  const { projection } = energy;
  const reference = await referenceOf(energy, steps);
  for (const [step, rows] of steps.entries()) {
    const expected = reference.results[step]!;
    const actual = await tested.evaluate(weightsFor(backend, rows));
    const judged =
      projection.kind === "none"
        ? judge(tolerances, backend, rows, energy, energy.normEpsilon)
        : judgeStrategy(tolerances, rows, energy, energy.normEpsilon, "steps" in projection);
    inContext(`step ${step}`, () => compareResults(judged, actual, expected));
  }
  for (const [name, { data, shape }] of Object.entries(reference.kept)) {
    const kept = tested.state().kept[name];
    assert(kept?.shape.join() === shape.join(), `kept ${name}: got shape [${kept?.shape}], expected [${shape}]`);
    assertWithin(kept.data, data, tolerances.unrolled * maxNorm(data), `kept ${name}`);
  }
}

interface Reference {
  readonly results: readonly EnergyResult[];
  readonly kept: EvaluatorState["kept"];
}

const references = new Map<string, Promise<Reference>>();

/** What the reference backend makes of the steps: once in a process, however many backends it tests. */
function referenceOf(energy: Energy, steps: readonly Rows[]): Promise<Reference> {
  // A strategy with functions of its own has no text to know it by.
  if ("prepare" in energy.projection) return evaluateReference(energy, steps);
  const key = JSON.stringify([energy, steps.map(({ data, count, dim }) => [count, dim, ...data])]);
  const reference = references.get(key) ?? evaluateReference(energy, steps);
  references.set(key, reference);
  return reference;
}

async function evaluateReference(energy: Energy, steps: readonly Rows[]): Promise<Reference> {
  const oracle = referenceBackend();
  const evaluator = createEvaluator(oracle, energy, { seed });
  const results: EnergyResult[] = [];
  for (const rows of steps) results.push(await evaluator.evaluate(weightsFor(oracle, rows)));
  return { results, kept: evaluator.state().kept };
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
