import type { Parameter } from "../network/layer.js";
import { multiply } from "../network/products.js";

/** The neighbour everyone should compare with: adds weight·∂‖WWᵀ − I‖²/∂W = 4·weight·(WWᵀ − I)W to the gradient. */
export function addOrthogonality({ value, gradient, shape }: Parameter, weight: number): void {
  const [count, dim] = shape!;
  const excess = multiply([value, count, dim], [value, count, dim], { transposeB: true });
  for (let n = 0; n < count; n++) excess[n * count + n]! -= 1;
  const slope = multiply([excess, count, count], [value, count, dim]);
  for (let at = 0; at < gradient.length; at++) gradient[at]! += 4 * weight * slope[at]!;
}
