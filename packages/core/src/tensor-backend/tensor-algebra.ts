/** Formulas of pairs as tensor operations. */
import { type Expression, type Expressions, expressions } from "../energy/algebra/expression.js";
import { type ExpressionReader, expressionReader, type ReadingAlgebra } from "../energy/algebra/read-expression.js";
import type { PairPlace, PairTerms } from "../energy/potential-formulas.js";
import type { TensorPrimitives } from "./primitives.js";

/** Tensor primitives as an algebra; all that is the same for all pairs is known here. */
export function tensorAlgebra<T>(p: TensorPrimitives<T>): ReadingAlgebra<T> {
  const unknown = () => {
    throw new Error("Expected a power with a constant exponent: tensors have no other.");
  };
  return {
    constant: p.scalar,
    add: p.add,
    sub: p.sub,
    mul: p.mul,
    div: p.div,
    max: p.maximum,
    min: p.minimum,
    abs: p.abs,
    sqrt: p.sqrt,
    exp: p.exp,
    log: p.log,
    power: unknown,
    knownPower: p.power,
    sign: unknown,
    halfAngle: (u, v) => p.atan(p.sqrt(p.div(u, v))),
    keepFrom: (a, x, least) => p.mul(a, p.sub(p.scalar(1), p.less(x, least))),
    reciprocal: p.reciprocal,
    square: p.square,
  };
}

/** Half the squared chords of pairs. */
export interface HalfChords<T> {
  /** ½‖x_i − x_j‖² = 1 − c */
  readonly t: T;
  /** ½‖x_i + x_j‖² = 1 + c */
  readonly w: T;
}

/** A pair that a formula is about, and what reads its expressions. */
export interface TensorPlace<T> extends Expressions, ExpressionReader<T> {
  readonly place: PairPlace<Expression>;
}

/**
 * The pairs of a tile, with u = 2t and v = 2w.
 *
 * @param inputs each is asked for when a formula needs it; without the cosines c, formulas take c = (w − t)/2
 */
export function tensorPlace<T>(
  p: TensorPrimitives<T>,
  inputs: HalfChords<T> & { readonly c?: T; readonly [name: string]: T | undefined },
): TensorPlace<T> {
  const e = expressions();
  const double = (x: Expression) => e.mul(e.constant(2), x);
  const place = {
    u: double(e.input("t")),
    v: double(e.input("w")),
    c: "c" in inputs ? e.input("c") : e.mul(e.constant(0.5), e.sub(e.input("w"), e.input("t"))),
  };
  return { ...e, ...expressionReader(tensorAlgebra(p), inputs), place };
}

/** Terms of a formula as tensors, made when asked for: tracing records nothing that nobody wants. */
export function readTerms<T>(reader: ExpressionReader<T>, terms: PairTerms<Expression>): TensorTerms<T> {
  const once = (make: () => Expression) => {
    let made: T | undefined;
    return () => {
      made ??= reader.read(make());
      return made;
    };
  };
  const [value, slope] = [once(() => terms.value), once(() => terms.slope)];
  return {
    get value() {
      return value();
    },
    get slope() {
      return slope();
    },
    curvature: once(terms.curvature),
  };
}

/** A function of the cosine, ψ say, with its derivatives, for every pair of a tile. */
export interface TensorTerms<T> {
  /** The function itself, of the tile's shape. */
  readonly value: T;
  /** Its first derivative in the cosine. */
  readonly slope: T;
  /** Its second derivative, computed when it is called: only Hessian products need it. */
  readonly curvature: () => T;
}
