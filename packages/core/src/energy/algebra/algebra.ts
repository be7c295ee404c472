/**
 * What formulas are written over. A formula of this folder's neighbours (`potential-formulas.ts`, `pair-formula.ts`) is a function of an
 * algebra and of its values, and doesn't know what they are: float64 numbers, or the nodes of an {@link Expression}, from which come tensor
 * operations and the text of kernels. So each formula is stated once, and every backend computes that.
 */

/** The operations that formulas are made of, on values of some kind `T`. */
export interface Algebra<T> {
  /** A number that is known. */
  constant(value: number): T;
  /** a + b */
  add(a: T, b: T): T;
  /** a − b */
  sub(a: T, b: T): T;
  /** a·b */
  mul(a: T, b: T): T;
  /** a/b */
  div(a: T, b: T): T;
  /** The larger. */
  max(a: T, b: T): T;
  /** The smaller. */
  min(a: T, b: T): T;
  /** |a| */
  abs(a: T): T;
  /** √a, a ≥ 0 */
  sqrt(a: T): T;
  /** eᵃ */
  exp(a: T): T;
  /** The natural logarithm, a > 0. */
  log(a: T): T;
  /** aᵉ for a ≥ 0; the exponent is the same for all pairs. */
  power(a: T, exponent: T): T;
  /** −1 for a < 0, else 1; a is the same for all pairs. */
  sign(a: T): T;
  /** atan √(u/v), half the angle of two directions, from the squared chords u to one and v to the opposite of the other. */
  halfAngle(u: T, v: T): T;
  /** a where x ≥ least, else 0. */
  keepFrom(a: T, x: T, least: T): T;
}

/** The algebra of float64 numbers: what all others are tested against. */
export const numbers: Algebra<number> = {
  constant: (value) => value,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  max: Math.max,
  min: Math.min,
  abs: Math.abs,
  sqrt: Math.sqrt,
  exp: Math.exp,
  log: Math.log,
  power: (a, exponent) => a ** exponent,
  sign: (a) => (a < 0 ? -1 : 1),
  halfAngle: (u, v) => Math.atan2(Math.sqrt(u), Math.sqrt(v)),
  keepFrom: (a, x, least) => (x >= least ? a : 0),
};
