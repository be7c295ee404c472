/**
 * Gradients and Hessian products against central differences. The differences are taken of the backend itself where it
 * computes in float64, and of its float64 twin, the reference backend, where it doesn't.
 */

import { type Backend, energyAndGradient, type MismatchSpec, type PairSpec, referenceBackend } from "@comhe/core";
import { overNorms, timesNorms } from "../compare/allowed.js";
import { assertWithin } from "../compare/assert.js";
import { derivativeAlong, gradientByDifferences } from "../compare/differences.js";
import { seed, weightsFor } from "../compare/evaluation.js";
import { readResults, uploadAs } from "../compare/operation.js";
import { inner, maxNorm } from "../compare/vectors.js";
import { inverseAngle, inverseSquare, pairs } from "../inputs/energies.js";
import { normalRows, type Rows, rowNorms } from "../inputs/rows.js";
import { strategies, strategyCount, strategyDim } from "../inputs/strategies.js";
import type { Case, CheckFamily } from "../suite/check.js";
import type { Tolerances } from "../suite/options.js";
import { mismatchKinds } from "./mismatch.js";

/** What differences in float64 are good for. */
const ofDifferences = 1e-7;
const step = 1e-3;

const rows = normalRows(91, 5, 4);
const vector = normalRows(92, 5, 4).data;
const wide = normalRows(93, 5, 6);

/** Runs `body` on the backend, or on its float64 twin. */
type OnTwin = <R>(body: <A>(backend: Backend<A>) => Promise<R>) => Promise<R>;

function twinOf<A>(backend: Backend<A>): OnTwin {
  return (body) => (backend.precision === "float64" ? body(backend) : body(referenceBackend()));
}

/** Compares without dimension: ρ_i·g_i, relative to its largest entry and at least to `least`. */
function compare(what: string, of: Rows, normEpsilon: number, relative: number, least: number) {
  const norms = rowNorms(of, normEpsilon);
  return (actual: ArrayLike<number>, expected: ArrayLike<number>) => {
    const wanted = timesNorms(expected, norms, what);
    const allowed = Math.max(relative, ofDifferences) * Math.max(maxNorm(wanted), least);
    assertWithin(timesNorms(actual, norms, what), wanted, allowed, `‖w‖·${what}`);
  };
}

function pairwiseCase(tolerances: Tolerances, name: string, pair: PairSpec, normEpsilon: number): Case {
  const at = (point: Float64Array) => {
    return <A>(on: Backend<A>) => {
      const handle = uploadAs(on, point, [1, rows.count, rows.dim], "rows");
      const { energy, gradient, saved } = on.pairwise(on.directions(handle, normEpsilon), pair);
      const product = on.pairwiseProduct(saved, uploadAs(on, vector, [1, rows.count, rows.dim], "vector"));
      return { energy, gradient, product };
    };
  };
  return {
    name: `${name}, ε = ${normEpsilon}`,
    async run(backend) {
      const point = Float64Array.from(rows.data);
      const onTwin = twinOf(backend);
      const read = (where: Float64Array) => onTwin((on) => readResults(on, at(where)));
      const actual = await readResults(backend, at(point));
      const gradient = await gradientByDifferences(async (where) => (await read(where)).energy[0]!, point, step);
      const product = await derivativeAlong(async (where) => (await read(where)).gradient, point, vector, step);
      const size = maxNorm(actual.energy);
      const turn = maxNorm(overNorms(vector, rowNorms(rows, normEpsilon)));
      compare("gradient", rows, normEpsilon, tolerances.gradient, size)(actual.gradient, gradient);
      compare("product", rows, normEpsilon, tolerances.product, size * turn)(actual.product, product);
    },
  };
}

function mismatchCase(tolerances: Tolerances, spec: MismatchSpec, normEpsilon: number): Case {
  const at = (reference: Float64Array, projected: Float64Array) => {
    return <A>(on: Backend<A>) => {
      const before = on.directions(uploadAs(on, reference, [1, wide.count, wide.dim], "reference"), normEpsilon);
      const after = on.directions(uploadAs(on, projected, [1, rows.count, rows.dim], "projected"), normEpsilon);
      const { loss, gradient, saved } = on.mismatch(before, after, spec);
      const product = on.mismatchProduct(saved, uploadAs(on, vector, [1, rows.count, rows.dim], "vector"));
      return { loss, gradient, onRows: product.rows, onReference: product.reference };
    };
  };
  return {
    name: `mismatch ${spec.measure} ${spec.form}, ε = ${normEpsilon}`,
    async run(backend) {
      const [reference, projected] = [Float64Array.from(wide.data), Float64Array.from(rows.data)];
      const onTwin = twinOf(backend);
      const read = (x: Float64Array, z: Float64Array) => onTwin((on) => readResults(on, at(x, z)));
      const actual = await readResults(backend, at(reference, projected));
      const gradient = await gradientByDifferences(
        async (where) => (await read(reference, where)).loss[0]!,
        projected,
        step,
      );
      const onRows = await derivativeAlong(
        async (where) => (await read(reference, where)).gradient,
        projected,
        vector,
        step,
      );
      const onReference = await gradientByDifferences(
        async (where) => {
          return inner((await read(where, projected)).gradient, vector);
        },
        reference,
        step,
      );
      const size = maxNorm(actual.loss);
      const turn = maxNorm(overNorms(vector, rowNorms(rows, normEpsilon)));
      compare("gradient", rows, normEpsilon, tolerances.gradient, size)(actual.gradient, gradient);
      compare("product", rows, normEpsilon, tolerances.product, size * turn)(actual.onRows, onRows);
      compare("share", wide, normEpsilon, tolerances.product, size * turn)(actual.onReference, onReference);
    },
  };
}

/** Along two directions of W at once: ⟨gradient, T⟩ against the derivative of the energy towards T. */
function strategyCases(tolerances: Tolerances): readonly Case[] {
  const neurons = normalRows(94, strategyCount, strategyDim);
  const toward = [95, 96].map((of) => normalRows(of, strategyCount, strategyDim).data);
  return strategies
    .filter(({ exact }) => exact)
    .flatMap(({ name: strategy, projection }) =>
      pairs([inverseSquare, inverseAngle]).map(
        ({ name, pair }): Case => ({
          name: `${strategy}, ${name}`,
          async run(backend) {
            const config = { ...pair, projection };
            const { energy, gradient } = await energyAndGradient(backend, config, weightsFor(backend, neurons), {
              seed,
            });
            const shape = [strategyCount, strategyDim];
            const energyAt = async (data: Float64Array) =>
              twinOf(backend)(async (on) => [(await energyAndGradient(on, config, { data, shape }, { seed })).energy]);
            const norms = rowNorms(neurons, 0);
            const size = Math.max(maxNorm(timesNorms(gradient, norms, "gradient")), Math.abs(energy));
            for (const direction of toward) {
              const [slope] = await derivativeAlong(energyAt, Float64Array.from(neurons.data), direction, step / 10);
              const length = overNorms(direction, norms).reduce((sum, value) => sum + Math.abs(value), 0);
              const allowed = Math.max(tolerances.unrolled, 10 * ofDifferences) * size * length;
              assertWithin([inner(gradient, direction)], [slope!], allowed, "⟨gradient, T⟩");
            }
          },
        }),
      ),
    );
}

export function derivativeChecks(tolerances: Tolerances): readonly CheckFamily[] {
  const epsilons = [0, 0.25];
  return [
    {
      name: "pairwise against differences",
      cases: pairs().flatMap(({ name, pair }) => epsilons.map((e) => pairwiseCase(tolerances, name, pair, e))),
    },
    {
      name: "mismatch against differences",
      cases: mismatchKinds.flatMap((spec) => epsilons.map((e) => mismatchCase(tolerances, spec, e))),
    },
    { name: "strategies against differences", cases: strategyCases(tolerances) },
  ];
}
