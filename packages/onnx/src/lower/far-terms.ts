/**
 * ψ and K of a tile in which no pair is near: nothing to clamp, no digits to rescue. By core's formulas, in fewer passes over the tile than
 * with clamps; factors are left to what comes after the tile.
 */
import type { PairSpec } from "@comhe/core";
import { dependsOnAntipode } from "@comhe/core/host-functions";
import { type FarTerms, farTerms, nearCosine, type TensorPrimitives } from "@comhe/core/tensor-backend";
import type { Value } from "../graph/value.js";

export interface FarPairs {
  /** Grows with the closeness of a pair. */
  readonly closeness: Value;
  /** The tile is far where no closeness is above this. */
  readonly limit: number;
  readonly terms: () => FarTerms<Value>;
}

export function farPairs(p: TensorPrimitives<Value>, pair: PairSpec, cosine: Value): FarPairs {
  const { potential, space, separationFloor } = pair;
  const limit = Math.min(nearCosine, 1 - separationFloor ** 2 / 2);
  const far = farTerms(p, pair, cosine);
  if (far.square) return { closeness: far.square, limit: limit ** 2, terms: far.terms };
  const twoSided = space === "half" || dependsOnAntipode(potential);
  return { closeness: twoSided ? p.abs(cosine) : cosine, limit, terms: far.terms };
}
