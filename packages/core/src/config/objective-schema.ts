/** The objectives of others that can stand in place of a potential: shapes, defaults and limits. */
import * as v from "valibot";
import { orElse, real, whole } from "./schema-words.js";

/** exp(−4t) must not vanish in float64. */
const largestGaussian = 100;

export const objectiveSchema = v.variant("kind", [
  v.strictObject({
    kind: v.literal("orthogonality"),
    side: orElse(v.picklist(["rows", "columns", "double"]), "rows"),
  }),
  v.strictObject({ kind: v.literal("coherence"), norm: orElse(v.picklist(["max", "row-sum", "cosine"]), "max") }),
  v.strictObject({
    kind: v.literal("restricted-isometry"),
    side: orElse(v.picklist(["rows", "columns"]), "rows"),
    estimate: orElse(v.picklist(["power", "exact"]), "power"),
    iterations: orElse(whole(v.minValue(1), v.maxValue(100)), 2),
    squared: orElse(v.boolean(), true),
  }),
  v.strictObject({
    kind: v.literal("maximum-separation"),
    distance: orElse(v.picklist(["chordal", "angular"]), "chordal"),
  }),
  v.strictObject({
    kind: v.literal("gram-determinant"),
    gamma: orElse(real(v.gtValue(0)), 1),
    ridge: orElse(real(v.minValue(0), v.maxValue(1)), 1e-6),
  }),
  v.strictObject({
    kind: v.literal("uniformity"),
    t: orElse(real(v.gtValue(0), v.maxValue(largestGaussian)), 2),
  }),
]);
