/** Call after call: the same bits, nothing left behind, nothing left over from the call before. */
import {
  type Backend,
  createEvaluator,
  type EnergyConfig,
  type EnergyResult,
  type Evaluator,
  energyAndGradient,
} from "@comhe/core";
import { assert, assertIdentical } from "../compare/assert.js";
import { seed, weightsFor } from "../compare/evaluation.js";
import { repeated } from "../inputs/repeated.js";
import { normalRows, type Rows } from "../inputs/rows.js";
import type { Case, CheckFamily } from "../suite/check.js";

const calls = 20;
const one = normalRows(141, 9, 12);
const two = normalRows(142, 9, 12);
const taller = normalRows(143, 14, 12);

export function assertSame(actual: EnergyResult, expected: EnergyResult, what: string): void {
  assertIdentical([actual.energy], [expected.energy], `${what}, energy`);
  assertIdentical(actual.gradient, expected.gradient, `${what}, gradient`);
}

/** Copies, so that nothing can change them later. */
const copyOf = (result: EnergyResult): EnergyResult => ({ ...result, gradient: result.gradient.slice() });

const evaluatorOf = <A>(backend: Backend<A>, config: EnergyConfig) => createEvaluator(backend, config, { seed });

/** Results of `steps` in order, by an evaluator of its own. */
async function sequence<A>(backend: Backend<A>, config: EnergyConfig, steps: readonly Rows[]): Promise<EnergyResult[]> {
  const evaluator = evaluatorOf(backend, config);
  const results: EnergyResult[] = [];
  for (const rows of steps) results.push(copyOf(await evaluator.evaluate(weightsFor(backend, rows))));
  return results;
}

const casesFor = (run: <A>(backend: Backend<A>, config: EnergyConfig) => Promise<void>): readonly Case[] =>
  Object.entries(repeated).map(([name, config]) => ({ name, run: (backend) => run(backend, config) }));

async function checkBits<A>(backend: Backend<A>, config: EnergyConfig): Promise<void> {
  const evaluate = () => energyAndGradient(backend, config, weightsFor(backend, one), { seed });
  const first = await evaluate();
  const kept = copyOf(first);
  for (let call = 1; call < calls; call++) assertSame(await evaluate(), kept, `call ${call}`);
  assertSame(first, kept, `the first result, after ${calls} calls`);
}

/** The same array, refilled, as a training loop does it. */
async function checkAlternation<A>(backend: Backend<A>, config: EnergyConfig): Promise<void> {
  const [expectedOne] = await sequence(backend, config, [one]);
  const [expectedTwo] = await sequence(backend, config, [two]);
  assert(expectedOne!.energy !== expectedTwo!.energy, "the second input gave the energy of the first");
  const weights = weightsFor(backend, one);
  for (let call = 0; call < 6; call++) {
    const rows = call % 2 === 0 ? one : two;
    weights.data.set(rows.data);
    const result = await energyAndGradient(backend, config, weights, { seed });
    assertIdentical(weights.data, rows.data, `weights after call ${call}`);
    assertSame(result, call % 2 === 0 ? expectedOne! : expectedTwo!, `call ${call}`);
  }
}

/** Evaluators that take turns, of the same shape and of another, and that run at once. */
async function checkInterleaving<A>(backend: Backend<A>, config: EnergyConfig): Promise<void> {
  const turns = [one, two, one];
  const other = [taller, taller, taller];
  const expected = [await sequence(backend, config, turns), await sequence(backend, config, other)] as const;
  const together = async (atOnce: boolean) => {
    const [a, b] = [evaluatorOf(backend, config), evaluatorOf(backend, config)];
    for (let turn = 0; turn < turns.length; turn++) {
      const evaluate = (evaluator: Evaluator, rows: Rows) => evaluator.evaluate(weightsFor(backend, rows));
      const results = atOnce
        ? await Promise.all([evaluate(a, turns[turn]!), evaluate(b, other[turn]!)])
        : [await evaluate(a, turns[turn]!), await evaluate(b, other[turn]!)];
      results.forEach((result, n) => {
        assertSame(result!, expected[n]![turn]!, `${atOnce ? "at once" : "in turns"}, evaluator ${n}, turn ${turn}`);
      });
    }
  };
  await together(false);
  await together(true);
}

/** A state restored in another evaluator goes on as the first one does. */
async function checkRestoring<A>(backend: Backend<A>, config: EnergyConfig): Promise<void> {
  const [first, second] = [evaluatorOf(backend, config), evaluatorOf(backend, config)];
  await first.evaluate(weightsFor(backend, one));
  await first.evaluate(weightsFor(backend, two));
  second.restore(JSON.parse(JSON.stringify(first.state())));
  for (const rows of [one, two]) {
    const expected = copyOf(await first.evaluate(weightsFor(backend, rows)));
    assertSame(await second.evaluate(weightsFor(backend, rows)), expected, "after restoring");
  }
}

function handleCases(handles: () => number): readonly Case[] {
  return casesFor(async (backend, config) => {
    const evaluator = evaluatorOf(backend, config);
    const evaluate = async () => {
      await evaluator.evaluate(weightsFor(backend, one));
      await evaluator.evaluate(weightsFor(backend, taller)).catch((error: { code?: string }) => {
        // Kept matrices may not fit another shape; a refused evaluation must not leave handles either.
        if (error.code !== "invalid-shape") throw error;
      });
    };
    // The first calls may make constants that are kept.
    await evaluate();
    await evaluate();
    const before = handles();
    for (let call = 2; call < calls; call++) await evaluate();
    const more = handles() - before;
    assert(more === 0, `${more} handles more after ${2 * (calls - 2)} evaluations`);
  });
}

export function repeatChecks(handles: (() => number) | undefined): readonly CheckFamily[] {
  return [
    { name: `${calls} calls give the same bits`, cases: casesFor(checkBits) },
    { name: "two inputs in turns", cases: casesFor(checkAlternation) },
    { name: "two evaluators interleaved", cases: casesFor(checkInterleaving) },
    { name: "a restored state goes on identically", cases: casesFor(checkRestoring) },
    ...(handles ? [{ name: "handles stay as many as they were", cases: handleCases(handles) }] : []),
  ];
}
