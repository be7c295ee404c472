/** The projection strategies that are data: shapes, defaults and limits. */
import * as z from "zod/mini";
import { about, orElse } from "./schema-words.js";

const natural = z.int().check(z.minimum(1));
const reduce = about(
  orElse(z.enum(["mean", "max"]), "mean"),
  "Mean of the energies under the C matrices, or the largest.",
);
const refresh = about(orElse(z.int().check(z.minimum(0)), 1), "New draw every so many steps; 1: every step, 0: never.");
const dimension = about(orElse(natural, 30), "k, rows of each matrix.");

/** Numbers of a matrix, typed or plain. JSON Schema can't tell what a custom check takes, so it is told there. */
export const matrixData = z.custom<number[] | Float32Array | Float64Array>(
  (value) =>
    value instanceof Float32Array ||
    value instanceof Float64Array ||
    (Array.isArray(value) && value.every((entry) => typeof entry === "number")),
  "expected an array of numbers, Float32Array or Float64Array, row major",
);
/** C matrices, or one. */
export const matrixBatch = about(
  z.strictObject({
    data: matrixData,
    shape: z.union(
      [z.tuple([natural, natural, natural]), z.tuple([natural, natural])],
      "expected [C, k, d] or [k, d], positive whole numbers",
    ),
  }),
  "C matrices k×d: shape [C, k, d], or [k, d] for one; data row major.",
);

const innerSteps = {
  dimension,
  count: about(orElse(natural, 1), "C, number of matrices; the energy is the mean over them."),
  steps: about(orElse(z.int().check(z.minimum(0)), 1), "Gradient steps on the projection at each evaluation."),
  learningRate: about(orElse(z.number().check(z.positive()), 0.01), "η of those steps."),
  through: about(
    orElse(z.enum(["stopped", "unrolled"]), "stopped"),
    "Take the projection as given (alternating), or let the gradient flow through the steps.",
  ),
  initial: about(z.optional(matrixBatch), "The first projection, instead of a drawn one."),
};

export const projectionSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({ kind: z.literal("fixed"), matrices: matrixBatch, reduce }),
  z.strictObject({
    kind: z.literal("random"),
    dimension,
    count: about(orElse(natural, 5), "C, number of matrices."),
    distribution: orElse(
      z.enum(["gaussian", "orthogonal", "rademacher", "sparse", "hadamard", "count-sketch"]),
      "gaussian",
    ),
    refresh,
    reduce,
    share: about(
      orElse(z.enum(["layer", "shape"]), "layer"),
      "Matrices of each layer's own, or shared by layers of one shape (the authors' code).",
    ),
  }),
  z.strictObject({
    kind: z.literal("group"),
    groups: about(natural, "C, number of groups of coordinates."),
    shuffle: orElse(z.boolean(), false),
    refresh,
  }),
  z.strictObject({
    kind: z.literal("angle-preserving"),
    ...innerSteps,
    measure: orElse(z.enum(["angle", "cosine"]), "angle"),
    form: orElse(z.enum(["mean", "root"]), "mean"),
  }),
  z.strictObject({
    kind: z.literal("adversarial"),
    ...innerSteps,
    ascentSpace: about(z.optional(z.enum(["full", "half"])), "Default: as the energy."),
  }),
  z.strictObject({
    kind: z.literal("bilateral"),
    rank: about(natural, "r"),
    refresh,
    right: about(z.optional(matrixBatch), "P₁, r×d, instead of a drawn one."),
    left: about(z.optional(matrixBatch), "P₂, N×r, instead of a drawn one."),
  }),
  z.strictObject({ kind: z.literal("pca"), dimension, refresh }),
]);
