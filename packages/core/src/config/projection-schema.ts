/** The projection strategies that are data: shapes, defaults and limits. */
import * as v from "valibot";
import { about, orElse, real, whole } from "./schema-words.js";

const natural = whole(v.minValue(1));
const reduce = about(
  orElse(v.picklist(["mean", "max"]), "mean"),
  "Mean of the energies under the C matrices, or the largest.",
);
const refresh = about(orElse(whole(v.minValue(0)), 1), "New draw every so many steps; 1: every step, 0: never.");
const dimension = about(orElse(natural, 30), "k, rows of each matrix.");

/** Numbers of a matrix, typed or plain. JSON Schema can't tell what a custom check takes, so it is told there. */
const matrixData = v.custom<number[] | Float32Array | Float64Array>(
  (value) =>
    value instanceof Float32Array ||
    value instanceof Float64Array ||
    (Array.isArray(value) && value.every((entry) => typeof entry === "number")),
  "expected an array of numbers, Float32Array or Float64Array, row major",
);
/** C matrices, or one. */
export const matrixBatch = about(
  v.strictObject({
    data: matrixData,
    shape: v.union(
      [v.strictTuple([natural, natural, natural]), v.strictTuple([natural, natural])],
      "expected [C, k, d] or [k, d], positive whole numbers",
    ),
  }),
  "C matrices k×d: shape [C, k, d], or [k, d] for one; data row major.",
);

const innerSteps = {
  dimension,
  count: about(orElse(natural, 1), "C, number of matrices; the energy is the mean over them."),
  steps: about(orElse(whole(v.minValue(0)), 1), "Gradient steps on the projection at each evaluation."),
  learningRate: about(orElse(real(v.gtValue(0)), 0.01), "η of those steps."),
  through: about(
    orElse(v.picklist(["stopped", "unrolled"]), "stopped"),
    "Take the projection as given (alternating), or let the gradient flow through the steps.",
  ),
  initial: about(v.optional(matrixBatch), "The first projection, instead of a drawn one."),
};

export const projectionSchema = v.variant("kind", [
  v.strictObject({ kind: v.literal("none") }),
  v.strictObject({ kind: v.literal("fixed"), matrices: matrixBatch, reduce }),
  v.strictObject({
    kind: v.literal("random"),
    dimension,
    count: about(orElse(natural, 5), "C, number of matrices."),
    distribution: orElse(
      v.picklist(["gaussian", "orthogonal", "rademacher", "sparse", "hadamard", "count-sketch"]),
      "gaussian",
    ),
    refresh,
    reduce,
    share: about(
      orElse(v.picklist(["layer", "shape"]), "layer"),
      "Matrices of each layer's own, or shared by layers of one shape (the authors' code).",
    ),
  }),
  v.strictObject({
    kind: v.literal("group"),
    groups: about(natural, "C, number of groups of coordinates."),
    shuffle: orElse(v.boolean(), false),
    refresh,
  }),
  v.strictObject({
    kind: v.literal("angle-preserving"),
    ...innerSteps,
    measure: orElse(v.picklist(["angle", "cosine"]), "angle"),
    form: orElse(v.picklist(["mean", "root"]), "mean"),
  }),
  v.strictObject({
    kind: v.literal("adversarial"),
    ...innerSteps,
    ascentSpace: about(v.optional(v.picklist(["full", "half"])), "Default: as the energy."),
  }),
  v.strictObject({
    kind: v.literal("bilateral"),
    rank: about(natural, "r"),
    refresh,
    right: about(v.optional(matrixBatch), "P₁, r×d, instead of a drawn one."),
    left: about(v.optional(matrixBatch), "P₂, N×r, instead of a drawn one."),
  }),
  v.strictObject({ kind: v.literal("pca"), dimension, refresh }),
]);
