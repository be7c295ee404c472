/**
 * The pairwise energy as tensors: tiles of rows against all columns, so that no N×N tensor beyond the memory budget
 * lives. Where the engine lets us look (host memory), tiles without near pairs skip clamping and splitting.
 */
import type { PairSpec, PairwiseResult } from "../backend/backend.js";
import { dependsOnAntipode, potentialFunction } from "../energy/potential.js";
import { pairWeights } from "../energy/separation.js";
import { antipodalValue } from "../energy/potential.js";
import { pairTerms, potentialTerms } from "./pair-terms.js";
import type { TensorPrimitives } from "./primitives.js";
import { pullback, type TensorDirections } from "./tensor-directions.js";
import { forEachTile, offDiagonal } from "./tiles.js";

/** Pairs with |x_i ∓ x_j|² below this take their gradient from differences; as a cosine. See `reference/chords.ts`. */
const nearCosine = 1 - 1e-2 / 2;

export interface TensorPairwiseSaved<T> {
  readonly directions: TensorDirections<T>;
  readonly pair: PairSpec;
  /** K X without the weight of a pair. */
  readonly onDirections: T;
}

export function pairwise<T>(
  p: TensorPrimitives<T>,
  directions: TensorDirections<T>,
  pair: PairSpec,
  tileBytes: number,
): PairwiseResult<T> {
  const { unit, normEpsilon } = directions;
  const [batch, count] = p.shape(unit) as [number, number, number];
  const weights = pairWeights(count, pair.space);
  const atZero = termsAtZero(pair);
  const ownSlope = normEpsilon > 0 && atZero.slope !== 0;

  const tiles = forEachTile(p, unit, tileBytes, ({ rows, columns, start }) => {
    // The diagonal is moved to c = 0, whose share is known and taken off again.
    const cosine = p.mul(p.matmul(rows, columns, false, true), offDiagonal(p, start, p.shape(rows)[1]!, count));
    const { value, gradient } = tile(p, directions, pair, cosine, rows, columns);
    const energy = p.sum(p.sub(p.sum(value, 2), p.scalar(atZero.value)), 1);
    return { energy, gradient: ownSlope ? p.sub(gradient, p.mul(rows, p.scalar(atZero.slope))) : gradient };
  });
  let energy = p.mul(tiles.energy, p.scalar(weights.pair / 2));
  let onDirections = tiles.gradient;
  if (pair.space === "half") {
    const own = selfTerm(p, directions, pair);
    energy = p.add(energy, own.slope ? p.mul(p.sum(own.value as T, 1), p.scalar(weights.self)) : (own.value as T));
    if (own.slope) onDirections = p.sub(onDirections, p.mul(own.slope, unit));
  }
  const saved: TensorPairwiseSaved<T> = { directions, pair, onDirections };
  return {
    energy: p.reshape(energy, [batch]),
    gradient: pullback(p, directions, onDirections, weights.pair),
    saved,
  };
}

/** ψ of the tile's pairs and K X. */
function tile<T>(
  p: TensorPrimitives<T>,
  { normEpsilon }: TensorDirections<T>,
  pair: PairSpec,
  cosine: T,
  rows: T,
  columns: T,
): { value: T; gradient: T } {
  const twoSided = pair.space === "half" || dependsOnAntipode(pair.potential);
  const closeness = twoSided ? p.abs(cosine) : cosine;
  const closest = p.peek(maxOfAll(p, closeness));
  const mayBeNear = closest === undefined || closest >= nearCosine;
  const { value, slope } = pairTerms(p, pair, cosine, mayBeNear);
  if (!mayBeNear || normEpsilon > 0) return { value, gradient: p.matmul(slope, columns, false, false) };

  // G = K_far X + (K_near X − rowsum(σ∘K_near)∘x): a near pair pulls along x_j ∓ x_i, whose difference keeps its digits.
  const near = p.less(p.scalar(nearCosine), closeness);
  const nearSlope = p.mul(slope, near);
  const signed = twoSided ? p.mul(nearSlope, signs(p, cosine)) : nearSlope;
  const far = p.matmul(p.sub(slope, nearSlope), columns, false, false);
  const close = p.sub(p.matmul(nearSlope, columns, false, false), p.mul(rows, p.sum(signed, 2)));
  return { value, gradient: p.add(far, close) };
}

/** +1 where c ≥ 0, −1 where c < 0. */
function signs<T>(p: TensorPrimitives<T>, cosine: T): T {
  return p.sub(p.scalar(1), p.mul(p.less(cosine, p.scalar(0)), p.scalar(2)));
}

function maxOfAll<T>(p: TensorPrimitives<T>, a: T): T {
  const size = p.shape(a).reduce((product, length) => product * length, 1);
  return p.max(p.reshape(a, [1, 1, size]), 2);
}

/** ψ and ψ′ at c = 0. */
function termsAtZero({ potential, space }: PairSpec): { value: number; slope: number } {
  const { value, slope } = potentialFunction(potential)(2, 2, { value: 0, slope: 0, curvature: 0 });
  return space === "half" ? { value: 2 * value, slope: 0 } : { value, slope };
}

/**
 * φ(−x_iᵀx_i) of each neuron with its antipode. For ε = 0 its share of the energy is a constant (a zero row's is φ(0));
 * otherwise values and slopes `[batch, N, 1]`, with 1 − x_iᵀx_i = ε/ρ² free of cancellation.
 */
function selfTerm<T>(
  p: TensorPrimitives<T>,
  { unit, inverseNorm, normEpsilon }: TensorDirections<T>,
  { potential, space }: PairSpec,
): { value: T; slope?: T } {
  const count = p.shape(unit)[1]!;
  if (normEpsilon > 0) {
    const deficit = p.square(p.mul(inverseNorm, p.scalar(Math.sqrt(normEpsilon))));
    return potentialTerms(p, potential, p.sub(p.scalar(2), deficit), deficit);
  }
  const weight = pairWeights(count, space).self;
  const atZero = potentialFunction(potential)(2, 2, { value: 0, slope: 0, curvature: 0 }).value;
  const alive = p.less(p.scalar(0), inverseNorm);
  const perAlive = weight * (antipodalValue(potential) - atZero);
  return { value: p.add(p.mul(p.sum(alive, 1), p.scalar(perAlive)), p.scalar(weight * count * atZero)) };
}
