/** What expressions cost an engine that takes a pass over all pairs for each operation. */
import { constantOf, type Expression, type ExpressionNode } from "./expression.js";

/** Operations of expressions together, equal parts once; inputs but for the cosine `c` are made from it, by one each. */
export function operationCount(results: readonly Expression[]): number {
  const seen = new Set<ExpressionNode>();
  let count = 0;
  const visit = ({ node }: Expression): void => {
    if (seen.has(node) || node.operation === "one") return;
    seen.add(node);
    if (node.name !== "c") count++;
    for (const operand of node.operands) {
      if (Math.abs(operand.factor) !== 1 && constantOf(operand) === undefined) count++;
      visit(operand);
    }
  };
  for (const result of results) visit(result);
  return count;
}
