/** Weights that a network computes from what is stored, in the order in which they are looked for: few models have any, and pages of others needn't load this. */
import { parametrized } from "./parametrized.js";
import type { Rule } from "./tensor-bag.js";
import { weightNorm } from "./weight-norm.js";

export const computedRules: readonly Rule[] = [weightNorm, parametrized];
