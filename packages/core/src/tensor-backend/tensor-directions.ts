/** Directions x = w/ρ of rows as tensors, and the pullback of a gradient through them. */
import type { Directions } from "../backend/backend.js";
import type { TensorPrimitives } from "./primitives.js";

/** Directions as a tensor, with what pulls a gradient back to the raw rows. */
export interface TensorDirections<T> extends Directions<T> {
  /** 1/ρ_i, `[batch, N, 1]`; 0 for a row without direction. */
  readonly inverseNorm: T;
}

/** float32's smallest normal number: engines may flush what is smaller, so a row below it counts as zero. */
const smallestNormal = 1.1754944e-38;

/** ρ = m·√(‖w/m‖² + ε/m²) with m = max(max|w_i|, √ε), so that rows of norm 1e±30 neither overflow nor vanish. */
export function directions<T>(p: TensorPrimitives<T>, rows: T, normEpsilon: number): TensorDirections<T> {
  const one = p.scalar(1);
  const largest = p.max(p.abs(rows), 2);
  if (normEpsilon > 0) {
    const scale = p.maximum(largest, p.scalar(Math.sqrt(normEpsilon)));
    const scaled = p.div(rows, scale);
    const epsilon = p.square(p.div(p.scalar(Math.sqrt(normEpsilon)), scale));
    const norm = p.sqrt(p.add(p.sum(p.square(scaled), 2), epsilon));
    const inverseNorm = p.div(p.reciprocal(norm), scale);
    return { unit: p.div(scaled, norm), inverseNorm, normEpsilon };
  }
  const tiny = p.scalar(smallestNormal);
  const alive = p.sub(one, p.less(largest, tiny));
  const inverse = p.div(alive, p.maximum(largest, tiny));
  const scaled = p.mul(rows, inverse);
  // The largest entry is 1, or an ulp less, so half is below the norm of all but zero rows, which it keeps from 0/0.
  const norm = p.sqrt(p.maximum(p.sum(p.square(scaled), 2), p.scalar(0.5)));
  return { unit: p.div(scaled, norm), inverseNorm: p.div(inverse, norm), normEpsilon };
}

/**
 * The gradient with respect to raw rows from that with respect to their directions: J(g) = (g − x(xᵀg))/ρ, times `scale`.
 *
 * @param gradient with respect to the directions, `[batch, N, d]`
 * @param scale what the result is multiplied by; default 1
 */
export function pullback<T>(
  p: TensorPrimitives<T>,
  { unit, inverseNorm }: TensorDirections<T>,
  gradient: T,
  scale = 1,
): T {
  const tangent = p.sub(gradient, p.mul(unit, along(p, unit, gradient)));
  return p.mul(tangent, scale === 1 ? inverseNorm : p.mul(inverseNorm, p.scalar(scale)));
}

/** aᵀb row by row, `[batch, N, 1]`. */
export function along<T>(p: TensorPrimitives<T>, a: T, b: T): T {
  return p.sum(p.mul(a, b), 2);
}

/** Q(G, V) = −[(x·G)V′ + (x·V′)G + (G·V′ − 3(x·G)(x·V′))·x]/ρ, V′ = V/ρ. */
export function pullbackDerivative<T>(
  p: TensorPrimitives<T>,
  { unit, inverseNorm }: TensorDirections<T>,
  gradient: T,
  vector: T,
): T {
  const scaled = p.mul(vector, inverseNorm);
  const xG = along(p, unit, gradient);
  const xV = along(p, unit, scaled);
  const gV = along(p, gradient, scaled);
  const onUnit = p.sub(gV, p.mul(p.mul(xG, xV), p.scalar(3)));
  const sum = p.add(p.add(p.mul(xG, scaled), p.mul(xV, gradient)), p.mul(onUnit, unit));
  return p.mul(sum, p.mul(inverseNorm, p.scalar(-1)));
}
