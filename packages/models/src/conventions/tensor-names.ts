/**
 * Names of tensors are paths: modules, then what the tensor is to its module. PyTorch joins them by dots, TensorFlow and
 * JAX by slashes; TensorFlow adds ":0" to its variables.
 */
import type { Shape } from "@comhe/core/layouts";

export interface TensorName {
  /** With its separator at the end: "model.layers.0.mlp."; "" for a name without modules. */
  readonly module: string;
  /** The last part, as it is written: "weight", "kernel:0". */
  readonly leaf: string;
  /** The last part without ":0". */
  readonly variable: string;
  /** The module's own name: "mlp". */
  readonly owner: string;
}

export function parseName(name: string): TensorName {
  const at = Math.max(name.lastIndexOf("."), name.lastIndexOf("/")) + 1;
  const module = name.slice(0, at);
  const leaf = name.slice(at);
  const owner = /([^./]*)[./]$/.exec(module)?.[1] ?? "";
  return { module, leaf, variable: leaf.replace(/:\d+$/, ""), owner };
}

/** What the bias of a weight may be called. */
export function biasNames(name: string): readonly string[] {
  const { module, leaf, variable } = parseName(name);
  const suffix = leaf.slice(variable.length);
  return biasesOf(variable).map((bias) => `${module}${bias}${suffix}`);
}

function biasesOf(variable: string): readonly string[] {
  const numbered = /^([wW])(\d*)$/.exec(variable);
  if (numbered) return [`b${numbered[2]}`, `B${numbered[2]}`, "bias"];
  if (/weights?$/i.test(variable)) {
    // "weight" → "bias", "in_proj_weight" → "in_proj_bias", "Weights1" stays alone.
    const bias = variable.replace(/weights?$/i, (found) => (found[0] === "W" ? "Bias" : "bias"));
    return [bias, variable.replace(/weights?$/i, "biases")];
  }
  if (/kernel$/.test(variable)) {
    const bias = variable.replace(/(depthwise_|pointwise_)?kernel$/, "bias");
    // In checkpoints of Keras 3 it is the attribute "_kernel", beside "bias".
    return bias === "_bias" ? [bias, "bias"] : [bias];
  }
  if (variable === "filters") return ["bias", "biases"];
  // "experts.gate_up_proj" → "experts.gate_up_proj_bias"
  return [`${variable}_bias`];
}

/** Whether a tensor is a bias or a mask by its name: it has no neurons, whatever its rank. */
export const isBias = (name: string): boolean => /(^|_)(bias|biases|masked_bias|mask)$/i.test(parseName(name).variable);

/** Whether a tensor is computed once and not trained, by its name: tables of rotations, of places, and of boxes, which have two or four numbers. */
export function isFixedTable(name: string, shape: Shape): boolean {
  const { variable } = parseName(name);
  if (/^(anchors|anchor_grid)$/.test(variable)) return shape.at(-1) === 2 || shape.at(-1) === 4;
  return /^((cos|sin)_cached|inv_freq|position_ids|relative_coords_table|relative_position_index)$/.test(variable);
}

/** Tables of vectors: each row is a neuron, whatever lies beside them. */
export const isEmbedding = (name: string): boolean => embedding.test(name);

const embedding =
  /(^|[._/])(embed|embedding|embeddings|embed_tokens|word_embeddings|wte|wpe|tok_embeddings|token_embedding)([._/:]|$)/i;
