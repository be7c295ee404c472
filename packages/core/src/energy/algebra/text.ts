/**
 * Expressions as the text of a program: what is used more than once is declared by a statement of its own, everything else stands where it is
 * used. What is the same for all pairs can be declared apart, where a program computes it once. A {@link Language} says how operations
 * are written; it is an algebra of text.
 */
import type { Expression, ExpressionNode } from "./expression.js";
import { constantOf } from "./expression.js";
import { expressionReader, type ReadingAlgebra } from "./read-expression.js";

/** How a language writes the operations on values that differ from pair to pair. Operands are atoms, or text in parentheses. */
export interface Language extends ReadingAlgebra<string> {
  /** Writes a statement that gives a value a name. */
  declare(name: string, text: string): string;
  /** How operations on values that are the same for all pairs are written. Default: as all others are. */
  readonly uniform?: Language;
  /** Writes a value that is the same for all pairs so that it can be combined with those that differ. Default: as it is. */
  spread?(uniform: string): string;
  /** Writes statements that give half the angle a name, for a language that has no expression for it. */
  halfAngleStatements?(name: string, u: string, v: string): string;
}

/** Formulas as the text of a program. */
export interface PrintedExpressions<N extends string> {
  /** Statements that declare what is the same for all pairs. A program may compute them once. */
  readonly uniformStatements: readonly string[];
  /** Statements that declare what differs from pair to pair; they stand behind the uniform ones. */
  readonly statements: readonly string[];
  /** The expression of each result, by name; it stands behind all statements. */
  readonly results: Readonly<Record<N, string>>;
}

/**
 * @param results expressions by name
 * @param inputs the text of inputs by name; those that are left out are called as they are
 * @param prefix begins the names of what is declared
 */
export function printExpressions<N extends string>(
  language: Language,
  results: Readonly<Record<N, Expression>>,
  inputs: Readonly<Record<string, string>> = {},
  prefix = "n",
): PrintedExpressions<N> {
  const uses = countUses(Object.values(results));
  const statements: string[] = [];
  const uniformStatements: string[] = [];
  const { uniform = language } = language;
  const texts = new Map<ExpressionNode, string>();
  let declared = 0;

  const textOf = (node: ExpressionNode): string => {
    const known = texts.get(node);
    if (known !== undefined) return known;
    const text = make(node);
    texts.set(node, text);
    return text;
  };
  const make = (node: ExpressionNode): string => {
    if (node.operation === "input") return inputs[node.name!] ?? node.name!;
    const own = node.isUniform ? uniform : language;
    if (node.operation === "halfAngle" && language.halfAngleStatements) {
      const [u, v] = node.operands.map(result);
      const half = `${prefix}${declared++}`;
      statements.push(language.halfAngleStatements(half, u!, v!));
      return half;
    }
    const quotient = node.operation === "mul" && !node.isUniform ? quotientOf(node) : undefined;
    if (quotient) return name(node, own.div(...quotient));
    // Operands are named, so that the reader's short ways apply to one node at a time.
    const operands: Record<string, string> = {};
    const named = new Map<ExpressionNode, ExpressionNode>();
    const bare = node.operands.map((operand, n): Expression => {
      if (node.operation === "power" && n === 1) {
        operands.exponent = uniformText(operand);
        return { factor: 1, node: placeholder("exponent") };
      }
      if (constantOf(operand) !== undefined) return operand;
      if (operand.node.isUniform && !node.isUniform) {
        operands[n] = language.spread?.(uniformText(operand)) ?? uniformText(operand);
        return { factor: 1, node: placeholder(`${n}`) };
      }
      const known = named.get(operand.node) ?? placeholder(`${n}`);
      named.set(operand.node, known);
      operands[known.name!] ??= textOf(operand.node);
      return { factor: operand.factor, node: known };
    });
    const text = expressionReader(own, operands).read({ factor: 1, node: { ...node, operands: bare } });
    return name(node, text);
  };
  /** The text itself, or the name that a statement gives it. */
  const name = (node: ExpressionNode, text: string): string => {
    const isWorthNaming = (uses.get(node) ?? 0) > 1 || (node.isUniform && node.operands.length > 0);
    if (!isWorthNaming) return text;
    const declaredName = `${prefix}${declared++}`;
    const own = node.isUniform ? uniform : language;
    (node.isUniform ? uniformStatements : statements).push(own.declare(declaredName, strip(text)));
    return declaredName;
  };
  /** x·(1/y), where nothing else needs 1/y, is x/y. */
  const quotientOf = ({ operands }: ExpressionNode): [string, string] | undefined => {
    const at = operands.findIndex(({ node }) => node.operation === "reciprocal" && uses.get(node) === 1);
    if (at < 0) return undefined;
    const [other, divisor] = [operands[1 - at]!, operands[at]!.node.operands[0]!];
    return [atom(other), atom(divisor)];
  };
  /** An operand's text, spread where it is the same for all pairs. */
  const atom = (expression: Expression): string => {
    if (constantOf(expression) !== undefined) return language.constant(expression.factor);
    if (expression.node.isUniform) return language.spread?.(uniformText(expression)) ?? uniformText(expression);
    const whole = textOf(expression.node);
    return expressionReader(language, { whole }).read({ factor: expression.factor, node: placeholder("whole") });
  };
  /** What is the same for all pairs, with its factor. */
  const uniformText = (expression: Expression): string => {
    const constant = constantOf(expression);
    if (constant !== undefined) return uniform.constant(constant);
    const whole = textOf(expression.node);
    return expressionReader(uniform, { whole }).read({ factor: expression.factor, node: placeholder("whole") });
  };
  const result = (expression: Expression): string => strip(atom(expression));
  const entries = Object.entries<Expression>(results).map(([name, expression]) => [name, result(expression)]);
  return { uniformStatements, statements, results: Object.fromEntries(entries) };
}

/** A node that stands for a text. */
function placeholder(name: string): ExpressionNode {
  return { operation: "input", operands: [], name, isUniform: false, order: -1 };
}

/** How often each node is used, by others and as a result. */
function countUses(results: readonly Expression[]): Map<ExpressionNode, number> {
  const uses = new Map<ExpressionNode, number>();
  const visit = ({ node }: Expression): void => {
    const before = uses.get(node) ?? 0;
    uses.set(node, before + 1);
    if (before === 0) for (const operand of node.operands) visit(operand);
  };
  for (const result of results) visit(result);
  return uses;
}

/** Without the parentheses around the whole. */
export function strip(text: string): string {
  if (!text.startsWith("(") || !text.endsWith(")")) return text;
  let depth = 0;
  for (let n = 0; n < text.length - 1; n++) {
    depth += text[n] === "(" ? 1 : text[n] === ")" ? -1 : 0;
    if (depth === 0) return text;
  }
  return text.slice(1, -1);
}
