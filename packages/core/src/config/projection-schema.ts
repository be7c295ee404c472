/** The projection strategies that are data: shapes, defaults and limits. */
import * as v from "valibot";
import { about, orElse, real, whole } from "./schema-words.js";

const natural = whole(v.minValue(1));
const reduce = about(
  orElse(v.picklist(["mean", "max"]), "mean"),
  "Takes the mean of the energies under all matrices, or the largest of them.",
);
const refresh = about(
  orElse(whole(v.minValue(0)), 1),
  "After how many steps the projection is made anew; 1: at every step, 0: never.",
);
const dimension = about(orElse(natural, 30), "k: the number of dimensions that neurons are projected to.");

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
  count: about(orElse(natural, 1), "C: the number of matrices; the energy is the mean over them."),
  steps: about(orElse(whole(v.minValue(0)), 1), "How many gradient steps each evaluation takes on the projection."),
  learningRate: about(orElse(real(v.gtValue(0)), 0.01), "The learning rate of the steps on the projection."),
  through: about(
    orElse(v.picklist(["stopped", "unrolled"]), "stopped"),
    "Whether the gradient takes the projection as given (stopped), or flows back through the steps (unrolled).",
  ),
  initial: about(v.optional(matrixBatch), "The matrices before the first step, instead of drawn ones."),
};

export const projectionSchema = v.variant("kind", [
  about(v.strictObject({ kind: v.literal("none") }), "The energy of the neurons themselves (MHE)."),
  about(
    v.strictObject({ kind: v.literal("fixed"), matrices: matrixBatch, reduce }),
    "The energy under matrices of your own.",
  ),
  about(
    v.strictObject({
      kind: v.literal("random"),
      dimension,
      count: about(orElse(natural, 5), "C: the number of matrices."),
      distribution: about(
        orElse(v.picklist(["gaussian", "orthogonal", "rademacher", "sparse", "hadamard", "count-sketch"]), "gaussian"),
        "How the matrices are drawn.",
      ),
      refresh,
      reduce,
      share: about(
        orElse(v.picklist(["layer", "shape"]), "layer"),
        "Whether each layer draws matrices of its own, or layers of one shape share them (as in the authors' code).",
      ),
    }),
    "The energy under random matrices.",
  ),
  about(
    v.strictObject({
      kind: v.literal("group"),
      groups: about(natural, "C: the number of groups, at most the length of a neuron."),
      shuffle: about(orElse(v.boolean(), false), "Whether groups are drawn at random, instead of neighbours."),
      refresh,
    }),
    "The mean energy of the neurons cut into groups of coordinates.",
  ),
  about(
    v.strictObject({
      kind: v.literal("angle-preserving"),
      ...innerSteps,
      measure: about(
        orElse(v.picklist(["angle", "cosine"]), "angle"),
        "What is compared before and after the projection.",
      ),
      form: about(
        orElse(v.picklist(["mean", "root"]), "mean"),
        "How the differences of all pairs become one number: the mean of squares, or the root of their sum.",
      ),
    }),
    "The energy under a projection that learns to preserve the angles between neurons.",
  ),
  about(
    v.strictObject({
      kind: v.literal("adversarial"),
      ...innerSteps,
      ascentSpace: about(
        v.optional(v.picklist(["full", "half"])),
        "The space of the energy that the steps ascend; left out: that of the energy.",
      ),
    }),
    "The energy under a projection that learns to make it large.",
  ),
  about(
    v.strictObject({
      kind: v.literal("bilateral"),
      rank: about(natural, "r: the rank that the weights are projected to."),
      refresh,
      right: about(v.optional(matrixBatch), "The matrix P₁, r×d, given together with `left`; left out: drawn."),
      left: about(v.optional(matrixBatch), "The matrix P₂, N×r, given together with `right`; left out: drawn."),
    }),
    "The mean of two energies: of the rows, and of the columns, projected to a few dimensions.",
  ),
  about(
    v.strictObject({ kind: v.literal("pca"), dimension, refresh }),
    "The energy in the subspace of the first principal components of the directions.",
  ),
]);
