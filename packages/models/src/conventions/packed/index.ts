/**
 * Weights that are stored as codes with scales. Each rule replaces the parts of one packing by the floating tensor they
 * stand for, or leaves them out with the reason; they run before every other convention.
 */
import type { Rule } from "../tensor-bag.js";

export const packedRules: readonly Rule[] = [];
