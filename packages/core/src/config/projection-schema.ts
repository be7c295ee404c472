/** The projection strategies that are data: shapes, defaults and limits. */
import * as z from "zod";

const natural = z.int().min(1);
const reduce = z
  .enum(["mean", "max"])
  .default("mean")
  .meta({ description: "Mean of the energies under the C matrices, or the largest." });
const refresh = z
  .int()
  .min(0)
  .default(1)
  .meta({ description: "New draw every so many steps; 1: every step, 0: never." });
const dimension = natural.default(30).meta({ description: "k, rows of each matrix." });

/** Numbers of a matrix, typed or plain. JSON Schema can't tell what a custom check takes, so it is told there. */
export const matrixData = z.custom<number[] | Float32Array | Float64Array>(
  (value) =>
    value instanceof Float32Array ||
    value instanceof Float64Array ||
    (Array.isArray(value) && value.every((entry) => typeof entry === "number")),
  "expected an array of numbers, Float32Array or Float64Array, row major",
);
/** C matrices, or one. */
export const matrixBatch = z
  .strictObject({
    data: matrixData,
    shape: z.union(
      [z.tuple([natural, natural, natural]), z.tuple([natural, natural])],
      "expected [C, k, d] or [k, d], positive whole numbers",
    ),
  })
  .meta({ description: "C matrices k×d: shape [C, k, d], or [k, d] for one; data row major." });

const innerSteps = {
  dimension,
  count: natural.default(1).meta({ description: "C, number of matrices; the energy is the mean over them." }),
  steps: z.int().min(0).default(1).meta({ description: "Gradient steps on the projection at each evaluation." }),
  learningRate: z.number().positive().default(0.01).meta({ description: "η of those steps." }),
  through: z
    .enum(["stopped", "unrolled"])
    .default("stopped")
    .meta({ description: "Take the projection as given (alternating), or let the gradient flow through the steps." }),
  initial: matrixBatch.optional().meta({ description: "The first projection, instead of a drawn one." }),
};

export const projectionSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({ kind: z.literal("fixed"), matrices: matrixBatch, reduce }),
  z.strictObject({
    kind: z.literal("random"),
    dimension,
    count: natural.default(5).meta({ description: "C, number of matrices." }),
    distribution: z
      .enum(["gaussian", "orthogonal", "rademacher", "sparse", "hadamard", "count-sketch"])
      .default("gaussian"),
    refresh,
    reduce,
    share: z
      .enum(["layer", "shape"])
      .default("layer")
      .meta({ description: "Matrices of each layer's own, or shared by layers of one shape (the authors' code)." }),
  }),
  z.strictObject({
    kind: z.literal("group"),
    groups: natural.meta({ description: "C, number of groups of coordinates." }),
    shuffle: z.boolean().default(false),
    refresh,
  }),
  z.strictObject({
    kind: z.literal("angle-preserving"),
    ...innerSteps,
    measure: z.enum(["angle", "cosine"]).default("angle"),
    form: z.enum(["mean", "root"]).default("mean"),
  }),
  z.strictObject({
    kind: z.literal("adversarial"),
    ...innerSteps,
    ascentSpace: z.enum(["full", "half"]).optional().meta({ description: "Default: as the energy." }),
  }),
  z.strictObject({
    kind: z.literal("bilateral"),
    rank: natural.meta({ description: "r" }),
    refresh,
    right: matrixBatch.optional().meta({ description: "P₁, r×d, instead of a drawn one." }),
    left: matrixBatch.optional().meta({ description: "P₂, N×r, instead of a drawn one." }),
  }),
  z.strictObject({ kind: z.literal("pca"), dimension, refresh }),
]);
