/** The objectives of others that can stand in place of a potential: shapes, defaults and limits. */
import * as z from "zod/mini";
import { about, orElse } from "./schema-words.js";

/** exp(−4t) must not vanish in float64. */
const largestGaussian = 100;

export const objectiveSchema = z.discriminatedUnion("kind", [
  about(
    z.strictObject({ kind: z.literal("orthogonality"), side: orElse(z.enum(["rows", "columns", "double"]), "rows") }),
    "‖WWᵀ − I‖² of the raw rows, the same of the columns, or both.",
  ),
  about(
    z.strictObject({ kind: z.literal("coherence"), norm: orElse(z.enum(["max", "row-sum", "cosine"]), "max") }),
    "Largest entry or row sum of |WWᵀ − I|, or the largest |cos|.",
  ),
  about(
    z.strictObject({
      kind: z.literal("restricted-isometry"),
      side: orElse(z.enum(["rows", "columns"]), "rows"),
      estimate: orElse(z.enum(["power", "exact"]), "power"),
      iterations: orElse(z.int().check(z.minimum(1), z.maximum(100)), 2),
      squared: orElse(z.boolean(), true),
    }),
    "Spectral norm of WWᵀ − I or WᵀW − I (SRIP).",
  ),
  about(
    z.strictObject({
      kind: z.literal("maximum-separation"),
      distance: orElse(z.enum(["chordal", "angular"]), "chordal"),
    }),
    "Minus the distance of the two closest neurons (MHS).",
  ),
  about(
    z.strictObject({
      kind: z.literal("gram-determinant"),
      gamma: orElse(z.number().check(z.positive()), 1),
      ridge: orElse(z.number().check(z.minimum(0), z.maximum(1)), 1e-6),
    }),
    "−log det of the kernel exp(−γ‖x_i − x_j‖²) + ridge·I (MGD).",
  ),
  about(
    z.strictObject({
      kind: z.literal("uniformity"),
      t: orElse(z.number().check(z.positive(), z.maximum(largestGaussian)), 2),
    }),
    "log of the mean of exp(−t‖x_i − x_j‖²) over pairs.",
  ),
]);
