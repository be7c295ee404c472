/** Expressions computed in another algebra: numbers, tensors, or text, each node once. */
import type { Algebra } from "./algebra.js";
import { constantOf, type Expression, type ExpressionNode } from "./expression.js";

/** An algebra that knows short ways of what it can do without. */
export interface ReadingAlgebra<T> extends Algebra<T> {
  /** aᵉ, in place of `power` where the exponent is known. */
  knownPower?(a: T, exponent: number): T;
  /** 1/a */
  reciprocal?(a: T): T;
  /** a² */
  square?(a: T): T;
  /** −a */
  negate?(a: T): T;
}

/** Computes expressions, in whichever order they are asked for. */
export interface ExpressionReader<T> {
  /** The expression's value. */
  read(expression: Expression): T;
  /** The value of its node, the factor left to whoever asks. */
  readNode(expression: Expression): T;
}

/** @param inputs the values of the inputs by name, each asked for once, when it is needed */
export function expressionReader<T>(
  algebra: ReadingAlgebra<T>,
  inputs: Readonly<Record<string, T | undefined>>,
): ExpressionReader<T> {
  const known = new Map<ExpressionNode, T>();
  const one = () => algebra.constant(1);
  const negate = (a: T) => algebra.negate?.(a) ?? algebra.mul(a, algebra.constant(-1));

  const nodeValue = (node: ExpressionNode): T => {
    const found = known.get(node);
    if (found !== undefined) return found;
    const made = compute(node);
    known.set(node, made);
    return made;
  };
  const read = (expression: Expression): T => {
    const { factor, node } = expression;
    const constant = constantOf(expression);
    if (constant !== undefined) return algebra.constant(constant);
    if (factor === 1) return nodeValue(node);
    return factor === -1 ? negate(nodeValue(node)) : algebra.mul(nodeValue(node), algebra.constant(factor));
  };
  const compute = ({ operation, operands, name }: ExpressionNode): T => {
    const [a, b, c] = operands as [Expression, Expression, Expression];
    switch (operation) {
      case "one":
        return one();
      case "input": {
        const input = inputs[name!];
        if (input === undefined)
          throw new Error(`The formula needs a value for its input "${name}", and none was given.`);
        return input;
      }
      case "add":
        if (b.factor === -1 && constantOf(b) === undefined) return algebra.sub(read(a), nodeValue(b.node));
        if (a.factor === -1 && constantOf(a) === undefined) return algebra.sub(read(b), nodeValue(a.node));
        return algebra.add(read(a), read(b));
      case "mul":
        if (a.node === b.node && algebra.square) return algebra.square(read(a));
        return algebra.mul(read(a), read(b));
      case "reciprocal":
        return algebra.reciprocal?.(read(a)) ?? algebra.div(one(), read(a));
      case "keepFrom":
        return algebra.keepFrom(read(a), read(b), read(c));
      case "power": {
        const exponent = constantOf(b);
        if (exponent !== undefined && algebra.knownPower) return algebra.knownPower(read(a), exponent);
        return algebra.power(read(a), read(b));
      }
      case "div":
      case "max":
      case "min":
      case "halfAngle":
        return algebra[operation](read(a), read(b));
      default:
        return algebra[operation](read(a));
    }
  };
  return { read, readNode: ({ node }) => nodeValue(node) };
}
