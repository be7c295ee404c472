/**
 * ψ and K of a tile in which no pair is near: nothing to clamp, no digits to rescue. Where the potential allows, in fewer
 * passes over the tile than the general formulas, which core has (`potentialTerms`).
 */
import type { PairSpec } from "@comhe/core";
import { dependsOnAntipode } from "@comhe/core/host-functions";
import { nearCosine, potentialTerms, type TensorPrimitives } from "@comhe/core/tensor-backend";
import type { Value } from "../graph/value.js";

/** ψ = valueTimes·value, K = slopeTimes·slope: factors are left to what comes after the tile. */
export interface FarTerms {
  readonly value: Value;
  readonly valueTimes: number;
  readonly slope: Value;
  readonly slopeTimes: number;
}

export interface FarPairs {
  /** Grows with the closeness of a pair. */
  readonly closeness: Value;
  /** The tile is far where no closeness is above this. */
  readonly limit: number;
  readonly terms: () => FarTerms;
}

export function farPairs(p: TensorPrimitives<Value>, pair: PairSpec, cosine: Value): FarPairs {
  const { potential, space, separationFloor } = pair;
  const half = space === "half";
  const unclamped = 1 - separationFloor ** 2 / 2;
  const limit = Math.min(nearCosine, unclamped);
  const chordal = potential.kind === "riesz" && potential.distance === "chordal";
  if (half && chordal && (potential.s === 2 || potential.s === 0)) {
    const square = p.square(cosine);
    const terms = () => {
      // uv/4 = 1 − c²
      const inverse = p.reciprocal(p.sub(p.scalar(1), square));
      const once = p.mul(cosine, inverse);
      if (potential.s === 2) return { value: inverse, valueTimes: 1, slope: p.mul(once, inverse), slopeTimes: 2 };
      const value = p.log(p.mul(inverse, p.scalar(0.25)));
      return { value, valueTimes: 0.5, slope: once, slopeTimes: 1 };
    };
    return { closeness: square, limit: limit ** 2, terms };
  }
  const twoSided = half || dependsOnAntipode(potential);
  const closeness = twoSided ? p.abs(cosine) : cosine;
  const t = () => p.sub(p.scalar(1), cosine);
  if (!half && chordal && potential.s === 2) {
    const terms = () => {
      const inverse = p.reciprocal(t());
      return { value: inverse, valueTimes: 0.5, slope: p.square(inverse), slopeTimes: 0.5 };
    };
    return { closeness, limit, terms };
  }
  const terms = () => {
    const [ahead, behind] = [t(), p.add(p.scalar(1), cosine)];
    const { value, slope } = potentialTerms(p, potential, ahead, behind);
    if (!half) return { value, valueTimes: 1, slope, slopeTimes: 1 };
    const other = potentialTerms(p, potential, behind, ahead);
    return { value: p.add(value, other.value), valueTimes: 1, slope: p.sub(slope, other.slope), slopeTimes: 1 };
  };
  return { closeness, limit, terms };
}
