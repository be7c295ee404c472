/** The objectives of others that can stand in place of a potential: shapes, defaults and limits. */
import * as v from "valibot";
import { about, orElse, real, whole } from "./schema-words.js";

/** exp(−4t) must not vanish in float64. */
const largestGaussian = 100;

export const objectiveSchema = v.variant("kind", [
  about(
    v.strictObject({
      kind: v.literal("orthogonality"),
      side: about(
        orElse(v.picklist(["rows", "columns", "double"]), "rows"),
        "Whether rows, columns or both are to become orthonormal.",
      ),
    }),
    "How far the neurons, as they are, lie from orthonormal: ‖WWᵀ − I‖², the same of the columns, or both.",
  ),
  about(
    v.strictObject({
      kind: v.literal("coherence"),
      norm: about(
        orElse(v.picklist(["max", "row-sum", "cosine"]), "max"),
        "The largest entry of |WWᵀ − I|, its largest row sum, or the largest |cosine| of two neurons.",
      ),
    }),
    "Mutual coherence: how alike the two most similar neurons are.",
  ),
  about(
    v.strictObject({
      kind: v.literal("restricted-isometry"),
      side: about(orElse(v.picklist(["rows", "columns"]), "rows"), "Takes WWᵀ − I (rows) or WᵀW − I (columns)."),
      estimate: about(
        orElse(v.picklist(["power", "exact"]), "power"),
        "A few power iterations from a drawn vector, or an eigenvalue decomposition.",
      ),
      iterations: about(
        orElse(whole(v.minValue(1), v.maxValue(100)), 2),
        "Products with the matrix that the power iteration takes.",
      ),
      squared: about(orElse(v.boolean(), true), "Takes the square of the norm, as published."),
    }),
    "The spectral norm of WWᵀ − I or WᵀW − I (SRIP).",
  ),
  about(
    v.strictObject({
      kind: v.literal("maximum-separation"),
      distance: about(
        orElse(v.picklist(["chordal", "angular"]), "chordal"),
        "The straight line between two directions, or their angle.",
      ),
    }),
    "Minus the distance of the two closest neurons (MHS).",
  ),
  about(
    v.strictObject({
      kind: v.literal("gram-determinant"),
      gamma: about(orElse(real(v.gtValue(0)), 1), "γ > 0 in the kernel's exponent."),
      ridge: about(
        orElse(real(v.minValue(0), v.maxValue(1)), 1e-6),
        "Added to the kernel's diagonal, so that coincident neurons stay finite.",
      ),
    }),
    "−log det of the kernel exp(−γ‖x_i − x_j‖²) + ridge·I (MGD).",
  ),
  about(
    v.strictObject({
      kind: v.literal("uniformity"),
      t: about(orElse(real(v.gtValue(0), v.maxValue(largestGaussian)), 2), "t > 0 in the exponent."),
    }),
    "The logarithm of the mean of exp(−t‖x_i − x_j‖²) over pairs.",
  ),
]);
