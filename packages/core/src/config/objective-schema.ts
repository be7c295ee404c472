/** The objectives of others that can stand in place of a potential: shapes, defaults and limits. */
import * as v from "valibot";
import { about, orElse, real, whole } from "./schema-words.js";

/** exp(−4t) must not vanish in float64. */
const largestGaussian = 100;

export const objectiveSchema = v.variant("kind", [
  about(
    v.strictObject({
      kind: v.literal("orthogonality"),
      side: orElse(v.picklist(["rows", "columns", "double"]), "rows"),
    }),
    "‖WWᵀ − I‖² of the raw rows, the same of the columns, or both.",
  ),
  about(
    v.strictObject({ kind: v.literal("coherence"), norm: orElse(v.picklist(["max", "row-sum", "cosine"]), "max") }),
    "Largest entry or row sum of |WWᵀ − I|, or the largest |cos|.",
  ),
  about(
    v.strictObject({
      kind: v.literal("restricted-isometry"),
      side: orElse(v.picklist(["rows", "columns"]), "rows"),
      estimate: orElse(v.picklist(["power", "exact"]), "power"),
      iterations: orElse(whole(v.minValue(1), v.maxValue(100)), 2),
      squared: orElse(v.boolean(), true),
    }),
    "Spectral norm of WWᵀ − I or WᵀW − I (SRIP).",
  ),
  about(
    v.strictObject({
      kind: v.literal("maximum-separation"),
      distance: orElse(v.picklist(["chordal", "angular"]), "chordal"),
    }),
    "Minus the distance of the two closest neurons (MHS).",
  ),
  about(
    v.strictObject({
      kind: v.literal("gram-determinant"),
      gamma: orElse(real(v.gtValue(0)), 1),
      ridge: orElse(real(v.minValue(0), v.maxValue(1)), 1e-6),
    }),
    "−log det of the kernel exp(−γ‖x_i − x_j‖²) + ridge·I (MGD).",
  ),
  about(
    v.strictObject({
      kind: v.literal("uniformity"),
      t: orElse(real(v.gtValue(0), v.maxValue(largestGaussian)), 2),
    }),
    "log of the mean of exp(−t‖x_i − x_j‖²) over pairs.",
  ),
]);
