/** The projection strategies that are data: shapes, defaults and limits. */
import * as v from "valibot";
import { orElse, real, whole } from "./schema-words.js";

const natural = whole(v.minValue(1));
const reduce = orElse(v.picklist(["mean", "max"]), "mean");
const refresh = orElse(whole(v.minValue(0)), 1);
const dimension = orElse(natural, 30);

/** Numbers of a matrix, typed or plain. JSON Schema can't tell what a custom check takes, so it is told there. */
const matrixData = v.custom<number[] | Float32Array | Float64Array>(
  (value) =>
    value instanceof Float32Array ||
    value instanceof Float64Array ||
    (Array.isArray(value) && value.every((entry) => typeof entry === "number")),
  "expected an array of numbers, Float32Array or Float64Array, row major",
);
/** C matrices, or one. */
export const matrixBatch = v.strictObject({
  data: matrixData,
  shape: v.union(
    [v.strictTuple([natural, natural, natural]), v.strictTuple([natural, natural])],
    "expected [C, k, d] or [k, d], positive whole numbers",
  ),
});

const innerSteps = {
  dimension,
  count: orElse(natural, 1),
  steps: orElse(whole(v.minValue(0)), 1),
  learningRate: orElse(real(v.gtValue(0)), 0.01),
  through: orElse(v.picklist(["stopped", "unrolled"]), "stopped"),
  initial: v.optional(matrixBatch),
};

export const projectionSchema = v.variant("kind", [
  v.strictObject({ kind: v.literal("none") }),
  v.strictObject({ kind: v.literal("fixed"), matrices: matrixBatch, reduce }),
  v.strictObject({
    kind: v.literal("random"),
    dimension,
    count: orElse(natural, 5),
    distribution: orElse(
      v.picklist(["gaussian", "orthogonal", "rademacher", "sparse", "hadamard", "count-sketch"]),
      "gaussian",
    ),
    refresh,
    reduce,
    share: orElse(v.picklist(["layer", "shape"]), "layer"),
  }),
  v.strictObject({
    kind: v.literal("group"),
    groups: natural,
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
    ascentSpace: v.optional(v.picklist(["full", "half"])),
  }),
  v.strictObject({
    kind: v.literal("bilateral"),
    rank: natural,
    refresh,
    right: v.optional(matrixBatch),
    left: v.optional(matrixBatch),
  }),
  v.strictObject({ kind: v.literal("pca"), dimension, refresh }),
]);
