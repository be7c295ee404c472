/** The pairwise energy with its gradient, and its Hessian product: each of them one command. */
import type { KernelPairs, KernelSet, PairSpec, PairwiseEnergy, PairwiseResult } from "@comhe/core";
import { caseOf, isTwoSided, pairWeights, parameterOf } from "@comhe/core/pair-functions";
import { potentialNames } from "../../generated/potential-names.js";
import { make, makeUnwritten, type NativeArray, sizes, unshared } from "./arrays.js";
import type { Context } from "./context.js";
import { type NativeDirections, setNumbers } from "./directions.js";

interface PairwiseSaved {
  readonly directions: NativeDirections;
  readonly pair: PairSpec;
  /** With respect to the raw rows, as returned. */
  readonly gradient: NativeArray;
  /** With the gradient, enough to recover the one on directions: G = ρ·gradient + along·x. */
  readonly along: Float64Array;
}

export function pairwise(context: Context, directions: NativeDirections, pair: PairSpec): PairwiseResult<NativeArray> {
  const { rows, inverses } = directions.forOnce();
  const [batch, count] = sizes(rows);
  const gradient = makeUnwritten(rows.shape);
  const along = new Float64Array(batch * count);
  const energy = make([batch]);
  const numbers = [...energyNumbers(directions, pair), Number(!inverses)];
  context.run("pairwise", numbers, rows.data, inverses, gradient.data, along, energy.data);
  const saved: PairwiseSaved = { directions, pair, gradient, along };
  return { energy, gradient, saved };
}

/** The energy alone: of a tile's three products the first. */
export function pairwiseEnergy(
  context: Context,
  directions: NativeDirections,
  pair: PairSpec,
): PairwiseEnergy<NativeArray> {
  const { rows, inverses } = directions.forOnce();
  const energy = make([sizes(rows)[0]]);
  const numbers = [...energyNumbers(directions, pair), Number(!inverses)];
  context.run("pairwiseEnergy", numbers, rows.data, inverses, energy.data);
  return { energy };
}

/** Of sets as they lie: one command, whose numbers are worked out once. */
export function pairwiseOfKernel(context: Context, set: KernelSet, pair: PairSpec): KernelPairs {
  const { count, dim, neurons, normEpsilon } = set;
  const weights = pairWeights(count, pair.space, pair.population);
  const ofSet = [1, count, dim, normEpsilon, ...pairNumbers(pair), weights.pair, weights.self];
  const numbers = Float64Array.of(...ofSet, Number(neurons === "columns"), 1);
  const energy = new Float32Array(1);
  const run = context.prepare("pairwiseOfKernel", numbers);
  return (from, times, gradient) => {
    numbers[numbers.length - 1] = times;
    run(unshared(from), gradient, energy);
    return energy[0]!;
  };
}

/** H[V] = J(Ġ) + Q(G, V), Ġ = pair·[(ψ″∘ċ)X + KẊ], ċ = ẊXᵀ + XẊᵀ, Ẋ = J(V). */
export function pairwiseProduct(context: Context, saved: unknown, vector: NativeArray): NativeArray {
  const { directions, pair, ...kept } = saved as PairwiseSaved;
  // Whoever was given the gradient may have changed it since.
  const { gradient, along } = kept.gradient.isGiven
    ? (pairwise(context, directions, pair).saved as PairwiseSaved)
    : kept;
  const { unit, inverses } = directions;
  const product = make(unit.shape);
  const numbers = energyNumbers(directions, pair);
  context.run("pairwiseProduct", numbers, unit.data, inverses, gradient.data, along, vector.data, product.data);
  return product;
}

/** The set, the pair energy, and the weights of pairs and of self terms. */
function energyNumbers(directions: NativeDirections, pair: PairSpec): readonly number[] {
  const set = setNumbers(directions);
  const weights = pairWeights(set[1]!, pair.space, pair.population);
  return [...set, ...pairNumbers(pair), weights.pair, weights.self];
}

/** What commands read of a pair energy. */
export function pairNumbers({ potential, space, separationFloor }: PairSpec): readonly number[] {
  const { name, kind } = caseOf(potential);
  const isHalf = space === "half";
  return [
    potentialNames.indexOf(name),
    parameterOf(potential),
    Number(isHalf),
    Number(isTwoSided(kind, isHalf)),
    separationFloor ** 2,
  ];
}
