/** ψ and K of tiles in which no pair is near, as tensors, in as few passes as the formulas allow. */
import type { PairSpec } from "../backend/backend.js";
import type { Expression } from "../energy/algebra/expression.js";
import { operationCount } from "../energy/algebra/operation-count.js";
import { foldedFormula, shortHalfFormula } from "../energy/pair-formula.js";
import { kindOf, parameterOf } from "../energy/potential-formulas.js";
import type { TensorPrimitives } from "./primitives.js";
import { tensorPlace } from "./tensor-algebra.js";

/**
 * ψ = valueTimes·value and K = ψ′ = slopeTimes·slope for the pairs of a tile. The factors are apart, since multiplying by them costs less after
 * the tile has been summed.
 */
export interface FarTerms<T> {
  /** ψ without its factor, of the tile's shape. */
  readonly value: T;
  /** The factor of ψ. */
  readonly valueTimes: number;
  /** K without its factor, of the tile's shape. */
  readonly slope: T;
  /** The factor of K. */
  readonly slopeTimes: number;
}

/** How a tile's far terms are computed. */
export interface FarFormula<T> {
  /** c², where the formula begins with it, so that what else is computed from the tile can use it too. */
  readonly square: T | undefined;
  /** ψ and its derivatives, computed when they are asked for. */
  readonly terms: () => FarTerms<T>;
}

/**
 * ψ and K of pairs that aren't near: {@link pairTerms} without the floor, and in half space by a short form where that takes fewer operations.
 *
 * @param cosine of the pairs of a tile
 */
export function farTerms<T>(p: TensorPrimitives<T>, { potential, space }: PairSpec, cosine: T): FarFormula<T> {
  const [kind, parameter, isHalf] = [kindOf(potential), parameterOf(potential), space === "half"];
  const e = tensorPlace(p, {
    c: cosine,
    get t() {
      return p.sub(p.scalar(1), cosine);
    },
    get w() {
      return p.add(p.scalar(1), cosine);
    },
    get square() {
      return p.square(cosine);
    },
  });
  const energy = { kind, parameter: e.constant(parameter), isLogarithm: parameter === 0, isHalf };
  const general = foldedFormula(e, energy, e.place);
  const sineSquared = e.sub(e.constant(1), e.input("square"));
  const short = isHalf && kind === "chordal" ? shortHalfFormula(e, parameter, e.place, sineSquared) : undefined;
  const roots = (terms: { value: Expression; slope: Expression }) => [terms.value, terms.slope];
  const isShorter = short !== undefined && operationCount(roots(short)) < operationCount(roots(general));
  const { value, slope } = isShorter ? short : general;
  const read = (of: Expression) => ({ of: e.readNode(of), times: of.factor });
  const terms = () => {
    const [first, second] = [read(value), read(slope)];
    return { value: first.of, valueTimes: first.times, slope: second.of, slopeTimes: second.times };
  };
  return { square: isShorter ? e.read(e.input("square")) : undefined, terms };
}
