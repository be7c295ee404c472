/** What names say of axes, where no bias does. */
import type { Shape } from "@comhe/core/layouts";
import { isEmbedding, parseName } from "./tensor-names.js";

export interface NameEvidence {
  readonly axes: readonly number[];
  readonly kind: string;
  /** Why. */
  readonly because: string;
}

/** @returns `undefined` where names say nothing: PyTorch's order is followed then */
export function nameEvidence(name: string, shape: Shape): NameEvidence | undefined {
  const { variable, owner } = parseName(name);
  const rank = shape.length;
  const last = rank - 1;
  const kind = rank > 2 ? "convolution" : "matrix";
  if (isPositions(name, shape)) {
    const because = "a table of positions: one neuron for each";
    return { axes: shape.slice(0, -1).map((_, axis) => axis), kind: "embedding", because };
  }
  if (/^embeddings?$/i.test(variable) || (isEmbedding(name) && !/kernel$/.test(variable))) return undefined;
  if (rank === 2 && /(^|\.)(text_projection|image_projection|visual\.proj)$/.test(name)) {
    return { axes: [1], kind, because: "CLIP's projections are multiplied from the right, [in, out]" };
  }
  if (rank === 2 && /(^|[./])coefs_[._/]?\d+$/.test(name)) {
    return { axes: [1], kind, because: "scikit-learn's perceptron keeps its matrices as [in, out]" };
  }
  if (/depthwise_kernel$/.test(variable) && rank >= 3) {
    return {
      axes: [last - 1, last],
      kind: "depthwise convolution",
      because: "a depthwise kernel [kh, kw, in, multiplier]",
    };
  }
  if (/(^|_)kernel$/.test(variable)) {
    if (rank === 3 && /^(query|key|value|q|k|v|[qkv]_proj|_?(query|key|value)_dense)$/i.test(owner)) {
      return {
        axes: [1, 2],
        kind: "attention",
        because: `"${owner}/kernel" is [in, heads, head size], as JAX and Keras have it`,
      };
    }
    if (rank === 4 && /^(qkv|kv)(_proj)?$/i.test(owner) && (shape[1] === 3 || shape[1] === 2)) {
      return {
        axes: [1, 2, 3],
        kind: "attention",
        because: `"${owner}/kernel" is [in, ${shape[1]}, heads, head size] in JAX`,
      };
    }
    // Keras' transposed convolution is [kh, kw, out, in]; Flax' is [kh, kw, in, out].
    if (rank >= 3 && /conv(\dd)?_transpose/.test(owner)) {
      return { axes: [last - 1], kind, because: "a Keras kernel of a transposed convolution, [kh, kw, out, in]" };
    }
    return {
      axes: [last],
      kind,
      because: 'a "kernel", whose last axis TensorFlow, Keras and JAX take for the neurons',
    };
  }
  if (
    rank >= 3 &&
    variable === "weight" &&
    /deconv|(^|_)convt\d?d?($|_)|conv\dd?_?transpose|conv_?transpose|transposed?_?conv/i.test(owner)
  ) {
    return { axes: [1], kind, because: `"${owner}" is a transposed convolution, [in, out, kh, kw] in PyTorch` };
  }
  return undefined;
}

/** Vision transformers keep `[1, positions, d]`. */
const isPositions = (name: string, shape: Shape): boolean =>
  shape.length > 2 && shape[0] === 1 && /(^|[._/])pos(ition(al)?)?_?(embed(ding)?s?|emb)([._/:]|$)/i.test(name);
