/**
 * Directions x = w/ρ, ρ = √(‖w‖² + ε), and the derivatives of that normalization: the pullback J of a gradient, and the
 * term Q that its own derivative adds to a Hessian product. ρ² is never formed: rows of norm 1e±200 must work.
 */
import type { Directions } from "../backend/backend.js";
import { type HostTensor, sizes, zeros } from "./host-tensor.js";

export interface HostDirections extends Directions<HostTensor> {
  /** ρ_i; 0 for a row without direction. */
  readonly rho: Float64Array;
}

/** Rows whose largest entry lies between these have squares that neither overflow nor vanish. */
const [smallest, greatest] = [1e-140, 1e140];

export function directions(rows: HostTensor, normEpsilon: number): HostDirections {
  const { batch, rows: count, columns: dim } = sizes(rows);
  const { data } = rows;
  const unit = zeros(rows.shape);
  const rho = new Float64Array(batch * count);
  for (let i = 0; i < batch * count; i++) {
    const start = i * dim;
    let largest = Math.sqrt(normEpsilon);
    for (let k = start; k < start + dim; k++) largest = Math.max(largest, Math.abs(data[k]!));
    if (largest === 0) continue;
    if (largest > smallest && largest < greatest) {
      let square = normEpsilon;
      for (let k = start; k < start + dim; k++) square += data[k]! * data[k]!;
      rho[i] = Math.sqrt(square);
      const norm = rho[i]!;
      for (let k = start; k < start + dim; k++) unit.data[k] = data[k]! / norm;
      continue;
    }
    let square = normEpsilon / largest / largest;
    for (let k = start; k < start + dim; k++) square += (data[k]! / largest) ** 2;
    const norm = Math.sqrt(square);
    for (let k = start; k < start + dim; k++) unit.data[k] = data[k]! / largest / norm;
    rho[i] = largest * norm;
  }
  return { unit, rho, normEpsilon };
}

/** 1 − x_iᵀx_i = ε/ρ_i², without cancellation. A row without direction (ε = 0) has x = 0. */
export function normDeficit({ rho, normEpsilon }: HostDirections, i: number): number {
  return rho[i] === 0 ? 1 : normEpsilon / rho[i]! / rho[i]!;
}

/** J_i(g) = (g − x_i(x_iᵀg))/ρ_i: a gradient on directions to one on the raw rows. Zero for rows without direction. */
export function pullback({ unit, rho }: HostDirections, gradient: HostTensor): HostTensor {
  const { columns: dim } = sizes(unit);
  const result = zeros(unit.shape);
  for (let i = 0; i < rho.length; i++) {
    if (rho[i] === 0) continue;
    const along = dot(unit.data, gradient.data, i * dim, i * dim, dim);
    const norm = rho[i]!;
    for (let k = i * dim; k < (i + 1) * dim; k++) {
      result.data[k] = (gradient.data[k]! - unit.data[k]! * along) / norm;
    }
  }
  return result;
}

/**
 * Q(G, V) = −[(x·G)V′ + (x·V′)G + (G·V′ − 3(x·G)(x·V′))·x]/ρ with V′ = V/ρ: what J's own derivative in the direction V
 * does to G. The Hessian product is J(Ġ) + Q(G, V).
 */
export function pullbackDerivative(
  { unit, rho }: HostDirections,
  gradient: HostTensor,
  vector: HostTensor,
): HostTensor {
  const { columns: dim } = sizes(unit);
  const result = zeros(unit.shape);
  for (let i = 0; i < rho.length; i++) {
    const norm = rho[i]!;
    if (norm === 0) continue;
    const start = i * dim;
    const xG = dot(unit.data, gradient.data, start, start, dim);
    const xV = dot(unit.data, vector.data, start, start, dim) / norm;
    const gV = dot(gradient.data, vector.data, start, start, dim) / norm;
    for (let k = start; k < start + dim; k++) {
      const along = xG * (vector.data[k]! / norm) + xV * gradient.data[k]! + (gV - 3 * xG * xV) * unit.data[k]!;
      result.data[k] = -along / norm;
    }
  }
  return result;
}

export function dot(a: Float64Array, b: Float64Array, aStart: number, bStart: number, length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += a[aStart + k]! * b[bStart + k]!;
  return sum;
}
