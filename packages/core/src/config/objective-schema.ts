/** The objectives of others that can stand in place of a potential: shapes, defaults and limits. */
import * as z from "zod";

/** exp(−4t) must not vanish in float64. */
const largestGaussian = 100;

export const objectiveSchema = z.discriminatedUnion("kind", [
  z
    .strictObject({ kind: z.literal("orthogonality"), side: z.enum(["rows", "columns", "double"]).default("rows") })
    .meta({ description: "‖WWᵀ − I‖² of the raw rows, the same of the columns, or both." }),
  z
    .strictObject({ kind: z.literal("coherence"), norm: z.enum(["max", "row-sum", "cosine"]).default("max") })
    .meta({ description: "Largest entry or row sum of |WWᵀ − I|, or the largest |cos|." }),
  z
    .strictObject({
      kind: z.literal("restricted-isometry"),
      side: z.enum(["rows", "columns"]).default("rows"),
      estimate: z.enum(["power", "exact"]).default("power"),
      iterations: z.int().min(1).max(100).default(2),
      squared: z.boolean().default(true),
    })
    .meta({ description: "Spectral norm of WWᵀ − I or WᵀW − I (SRIP)." }),
  z
    .strictObject({
      kind: z.literal("maximum-separation"),
      distance: z.enum(["chordal", "angular"]).default("chordal"),
    })
    .meta({ description: "Minus the distance of the two closest neurons (MHS)." }),
  z
    .strictObject({
      kind: z.literal("gram-determinant"),
      gamma: z.number().positive().default(1),
      ridge: z.number().min(0).max(1).default(1e-6),
    })
    .meta({ description: "−log det of the kernel exp(−γ‖x_i − x_j‖²) + ridge·I (MGD)." }),
  z
    .strictObject({ kind: z.literal("uniformity"), t: z.number().positive().max(largestGaussian).default(2) })
    .meta({ description: "log of the mean of exp(−t‖x_i − x_j‖²) over pairs." }),
]);
