/**
 * Formulas as expressions: what a formula gives when it is read with {@link expressions}. Equal parts are one node, so that they are computed
 * once, and constant factors are moved outward past products, powers, roots and maxima: an engine that computes with tensors takes a whole
 * pass for each operation, and t = u/2 where formulas say u costs it nothing.
 */
import type { Algebra } from "./algebra.js";

/** An operation of an {@link Algebra}; `reciprocal` is 1/a, and `input` stands for a value given by name. */
export type Operation = Exclude<keyof Algebra<unknown>, "constant" | "sub"> | "reciprocal" | "input" | "one";

/** One operation of an expression, without a factor of its own. */
export interface ExpressionNode {
  readonly operation: Operation;
  readonly operands: readonly Expression[];
  /** What the input is called; present where the node is one. */
  readonly name?: string;
  /** Whether it is the same for all pairs. */
  readonly isUniform: boolean;
  /** Grows with each node that is made, so that operands come first. */
  readonly order: number;
}

/** factor·node. A constant is a multiple of the node `one`. */
export interface Expression {
  readonly factor: number;
  readonly node: ExpressionNode;
}

/** The algebra of expressions, and the inputs that they begin with. */
export interface Expressions extends Algebra<Expression> {
  /** A value that differs from pair to pair. */
  input(name: string): Expression;
  /** A value that is the same for all pairs, a potential's parameter say. */
  uniform(name: string): Expression;
}

/** The number that an expression is, if it is one. */
export function constantOf({ factor, node }: Expression): number | undefined {
  return node.operation === "one" ? factor : undefined;
}

/** An algebra of expressions; expressions of different calls don't mix. */
export function expressions(): Expressions {
  const nodes = new Map<string, ExpressionNode>();
  const node = (operation: Operation, operands: readonly Expression[], name?: string, uniform = false): Expression => {
    const key = `${operation} ${name ?? ""} ${operands.map((of) => `${of.factor}·${of.node.order}`).join(" ")}`;
    let found = nodes.get(key);
    if (!found) {
      const isUniform = operands.length > 0 ? operands.every((of) => of.node.isUniform) : uniform;
      found = { operation, operands, isUniform, order: nodes.size, ...(name === undefined ? {} : { name }) };
      nodes.set(key, found);
    }
    return { factor: 1, node: found };
  };
  const one = node("one", [], undefined, true).node;
  const constant = (value: number): Expression => ({ factor: value, node: one });
  const times = (factor: number, a: Expression): Expression =>
    factor * a.factor === 0 ? constant(0) : { factor: factor * a.factor, node: a.node };
  const bare = (a: Expression): Expression => ({ factor: 1, node: a.node });
  const ordered = (a: Expression, b: Expression) =>
    (a.node.order <= b.node.order ? [a, b] : [b, a]) as [Expression, Expression];

  const add = (a: Expression, b: Expression): Expression => {
    if (a.factor === 0) return b;
    if (b.factor === 0) return a;
    if (a.node === b.node) return times(a.factor + b.factor, bare(a));
    // The factor of what isn't a constant is the one that goes outward; its sign stays, for a difference, unless both have it.
    const sign = a.factor < 0 && b.factor < 0 ? -1 : 1;
    const outer = sign * Math.abs(a.node === one ? b.factor : a.factor);
    const [first, second] = [times(1 / outer, a), times(1 / outer, b)];
    return times(outer, node("add", ordered(first, second)));
  };
  const mul = (a: Expression, b: Expression): Expression => {
    if (a.node === one) return times(a.factor, b);
    if (b.node === one) return times(b.factor, a);
    return times(a.factor * b.factor, node("mul", ordered(bare(a), bare(b))));
  };
  const reciprocal = (a: Expression): Expression =>
    a.node === one ? constant(1 / a.factor) : times(1 / a.factor, node("reciprocal", [bare(a)]));
  const sqrt = (a: Expression): Expression =>
    a.node === one ? constant(Math.sqrt(a.factor)) : times(Math.sqrt(a.factor), node("sqrt", [bare(a)]));
  /** The larger or the smaller of values with a common factor above 0, which goes outward. */
  const extreme =
    (operation: "max" | "min") =>
    (a: Expression, b: Expression): Expression => {
      const [x, y] = [constantOf(a), constantOf(b)];
      if (x !== undefined && y !== undefined) return constant(Math[operation](x, y));
      const outer = x === undefined ? a.factor : b.factor;
      if (outer <= 0) return node(operation, [a, b]);
      return times(outer, node(operation, [times(1 / outer, a), times(1 / outer, b)]));
    };
  /** Powers by multiplications and roots where the exponent is a small multiple of a half; negative ones by one division. */
  const knownPower = (a: Expression, exponent: number): Expression => {
    const base = exponent < 0 ? reciprocal(a) : a;
    switch (Math.abs(exponent)) {
      case 0:
        return constant(1);
      case 0.5:
        return sqrt(base);
      case 1:
        return base;
      case 1.5:
        return mul(base, sqrt(base));
      case 2:
        return mul(base, base);
      default:
        return times(a.factor ** exponent, node("power", [bare(a), constant(exponent)]));
    }
  };
  return {
    constant,
    input: (name) => node("input", [], name),
    uniform: (name) => node("input", [], name, true),
    add,
    sub: (a, b) => add(a, times(-1, b)),
    mul,
    div: (a, b) => mul(a, reciprocal(b)),
    max: extreme("max"),
    min: extreme("min"),
    abs: (a) => (a.node === one ? constant(Math.abs(a.factor)) : times(Math.abs(a.factor), node("abs", [bare(a)]))),
    sqrt,
    exp: (a) => (a.node === one ? constant(Math.exp(a.factor)) : node("exp", [a])),
    log: (a) => (a.node === one ? constant(Math.log(a.factor)) : node("log", [a])),
    power(a, exponent) {
      const known = constantOf(exponent);
      if (known === undefined) return node("power", [a, exponent]);
      return a.node === one ? constant(a.factor ** known) : knownPower(a, known);
    },
    sign: (a) =>
      a.node === one ? constant(a.factor < 0 ? -1 : 1) : times(Math.sign(a.factor), node("sign", [bare(a)])),
    halfAngle: (u, v) => (u.factor === v.factor ? node("halfAngle", [bare(u), bare(v)]) : node("halfAngle", [u, v])),
    keepFrom: (a, x, least) => {
      if (a.factor === 0) return a;
      const kept = [bare(a), bare(x), times(1 / x.factor, least)];
      return times(a.factor, node("keepFrom", x.factor > 0 ? kept : [bare(a), x, least]));
    },
  };
}
