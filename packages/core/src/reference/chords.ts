/** Squared chords of a pair of directions, exact where the pair nearly coincides. */
import { dot, type HostDirections, normDeficit } from "./normalize.js";

/**
 * Below this squared chord a pair is *near*: u = 2 − 2c has lost digits there. So u is taken from what is small itself,
 * u = ‖x_i − x_j‖² + (1 − ‖x_i‖²) + (1 − ‖x_j‖²) with 1 − ‖x‖² = ε/ρ², and the gradient from κ(x_j − x_i), not from κx_j.
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
export function chords(directions: HostDirections, i: number, j: number, twoSided: boolean, out: Chords): Chords {
  const dim = directions.unit.shape[2]!;
  const x = directions.unit.data;
  return chordsOf(dot(x, x, i * dim, j * dim, dim), directions, i, j, twoSided, out);
}

/** The chords of a pair whose cosine is known already. */
export function chordsOf(
  cosine: number,
  directions: HostDirections,
  i: number,
  j: number,
  twoSided: boolean,
  out: Chords,
): Chords {
  out.u = 2 - 2 * cosine;
  out.v = 2 + 2 * cosine;
  out.near = 0;
  if (out.u < nearChordSquared) {
    out.near = 1;
    out.u = nearChord(directions, i, j, 1);
  } else if (twoSided && out.v < nearChordSquared) {
    out.near = -1;
    out.v = nearChord(directions, i, j, -1);
  }
  return out;
}

/** 2 − 2c (sign 1) or 2 + 2c (sign −1) of two rows, from what is small itself. */
export function nearChord(directions: HostDirections, i: number, j: number, sign: 1 | -1): number {
  const dim = directions.unit.shape[2]!;
  const x = directions.unit.data;
  let sum = 0;
  for (let k = 0; k < dim; k++) sum += (x[i * dim + k]! - sign * x[j * dim + k]!) ** 2;
  return sum + normDeficit(directions, i) + normDeficit(directions, j);
}
