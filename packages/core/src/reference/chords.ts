/** Squared chords of a pair of directions, exact where the pair nearly coincides. */
import type { HostDirections } from "./normalize.js";

/**
 * Below this squared chord a pair is *near*: u = 2 − 2c has lost digits there, so u is taken as ‖x_i − x_j‖², and the
 * gradient from κ(x_j − x_i) rather than κx_j. Only for unit rows: with ε > 0, ‖x_i − x_j‖² isn't 2 − 2c.
 */
const nearChordSquared = 1e-2;

export interface Chords {
  /** 2 − 2c */
  u: number;
  /** 2 + 2c */
  v: number;
  /** 1: near x_j; −1: near −x_j; 0: neither. */
  near: -1 | 0 | 1;
}

/** Rows i and j count through the whole batch. `twoSided`: whether closeness to −x_j matters. */
export function chords(
  { unit, normEpsilon }: HostDirections,
  i: number,
  j: number,
  twoSided: boolean,
  out: Chords,
): Chords {
  const dim = unit.shape[2]!;
  const x = unit.data;
  let c = 0;
  for (let k = 0; k < dim; k++) c += x[i * dim + k]! * x[j * dim + k]!;
  out.u = 2 - 2 * c;
  out.v = 2 + 2 * c;
  out.near = 0;
  if (normEpsilon > 0) return out;
  if (out.u < nearChordSquared) {
    out.near = 1;
    out.u = 0;
    for (let k = 0; k < dim; k++) out.u += (x[i * dim + k]! - x[j * dim + k]!) ** 2;
  } else if (twoSided && out.v < nearChordSquared) {
    out.near = -1;
    out.v = 0;
    for (let k = 0; k < dim; k++) out.v += (x[i * dim + k]! + x[j * dim + k]!) ** 2;
  }
  return out;
}
