/**
 * Half space: φ(−x_iᵀx_i) of every neuron with its antipode. For unit rows it is a constant; with ε > 0 it has a slope, and
 * J(x) = x·(1 − xᵀx)/ρ is taken from the deficit 1 − xᵀx = ε/ρ², not from a difference.
 */
import type { PairSpec } from "@comhe/core";
import { antipodalValue, potentialFunction } from "@comhe/core/host-functions";
import { numberText, potentialText } from "../kernels/potential-text.js";

/** Below it an angular slope, which grows as deficit^(−½), overflows; what the deficit's rows feel is 1e-12 there. */
const leastDeficit = 1e-24;

/** Statements that declare `selfValue`, with ε > 0 `selfSlope` and `deficit` too; `inverse` is 1/ρ. */
export function selfText({ potential }: PairSpec, normEpsilon: number): string {
  if (normEpsilon === 0) {
    const dead = potentialFunction(potential)(2, 2, { value: 0, slope: 0, curvature: 0 }).value;
    return `let selfValue = ${numberText(dead)};
      if (inverse > 0) { selfValue = ${numberText(antipodalValue(potential))}; }`;
  }
  const root = numberText(Math.sqrt(normEpsilon));
  return `const part = inverse * ${root};
    const deficit = Math.max(part * part, ${numberText(leastDeficit)});
    const selfU = 4 - 2 * deficit; const selfV = 2 * deficit;
    ${potentialText(potential, "selfU", "selfV", "self")}`;
}
