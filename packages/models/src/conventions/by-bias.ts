/**
 * A bias has one number for each neuron, so its length says which axis of its weight counts them: the second of PyTorch's
 * transposed convolutions `[in, out, kh, kw]` and of GPT-2's Conv1D `[in, out]`, the last of TensorFlow's and JAX's kernels,
 * the last two of JAX's attention `[D, heads, hd]`.
 */
import type { Shape } from "@comhe/core/layouts";
import type { StoredTensor } from "../tensors/stored-tensor.js";
import type { TensorBag } from "./tensor-bag.js";
import { biasNames, parseName } from "./tensor-names.js";

/** Axes that count neurons, by the bias: each entry is one possibility, and there may be none. */
export interface BiasEvidence {
  readonly bias: StoredTensor;
  readonly candidates: readonly (readonly number[])[];
  /** How many groups a transposed convolution `[in, out/groups, …]` has; absent for other layers. */
  readonly transposedGroups?: number | undefined;
}

export function biasEvidence(bag: TensorBag, { name, shape }: StoredTensor): BiasEvidence | undefined {
  const bias = biasNames(name)
    .map((each) => bag.get(each))
    .find((found) => found !== undefined && found.name !== name && found.shape.length < shape.length);
  if (bias === undefined || bias.shape.length === 0) return undefined;
  const candidates = matchingAxes(shape, bias.shape);
  if (candidates.length > 0) return { bias, candidates };
  if (bias.shape.length !== 1) return { bias, candidates };
  const count = bias.shape[0]!;
  const rank = shape.length;
  const { variable } = parseName(name);
  // A depthwise kernel [kh, kw, in, multiplier], or attention's [D, heads, hd] with its bias in one row.
  if (rank >= 3 && !/weight/i.test(variable) && shape[rank - 1]! * shape[rank - 2]! === count) {
    return { bias, candidates: [[rank - 2, rank - 1]] };
  }
  const groups = count / shape[1]!;
  if (rank >= 3 && Number.isInteger(groups) && groups > 1 && shape[0]! % groups === 0) {
    return { bias, candidates: [], transposedGroups: groups };
  }
  return { bias, candidates };
}

/** Neighbouring axes of these sizes. */
function matchingAxes(shape: Shape, wanted: Shape): readonly (readonly number[])[] {
  const found: number[][] = [];
  for (let axis = 0; axis + wanted.length <= shape.length; axis++) {
    if (wanted.every((size, n) => shape[axis + n] === size)) found.push(wanted.map((_, n) => axis + n));
  }
  return found;
}
