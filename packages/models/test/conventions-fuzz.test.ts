/**
 * Hostile names, shapes and configs: whatever the conventions make of them, every number of every tensor is in one layer,
 * once, or its tensor is left out with a reason. `vitest run conventions-fuzz --mode full` tries fifty times as many.
 */
import { EnergyError, neuronAxes, randomStream } from "@comhe/core";
import { expect, it } from "vitest";
import { placeTensors } from "../src/conventions/place-tensors.js";
import { sizeOf } from "../src/layer-source.js";
import type { StoredTensor } from "../src/tensors/stored-tensor.js";

/** Vitest passes its mode on. */
const bags = process.env.MODE === "full" ? 50_000 : 1000;
const stream = randomStream(7, "conventions", 0);
const pick = <T>(list: readonly T[]): T => list[stream.below(list.length)]!;

const modules = [
  "",
  "l.",
  "a/",
  "h.0.attn.",
  "mlp.experts.",
  "rnn/lstm_cell/",
  "g/gru_cell/gates/",
  "embed.",
  "up.deconv.",
  "conv2d_transpose/",
  "ema_model.",
];
const owners = [
  "",
  "c_attn.",
  "c_fc.",
  "c_proj.",
  "qkv.",
  "query_key_value.",
  "qkv_proj.",
  "wqkv.",
  "gate_up_proj.",
  "query/",
  "to_kv.",
  "gate.",
];
const leaves = [
  "weight",
  "bias",
  "kernel",
  "kernel:0",
  "recurrent_kernel",
  "recurrent_kernel:0",
  "weight_ih_l0",
  "weight_hh_l0",
  "weight_hr_l0",
  "in_proj_weight",
  "gate_up_proj",
  "down_proj",
  "gate_up_proj_bias",
  "w",
  "b",
  "W1",
  "b1",
  "depthwise_kernel",
  "pos_embed",
  "embedding",
  "filters",
  "w1",
  "w2",
  "gamma",
  "beta",
  "attn_mask",
  "weight_orig",
  "weight_u",
  "parametrizations.weight.original",
  "parametrizations.weight.0._u",
  "parametrizations.weight.0.base",
];
const sizes = [0, 1, 2, 3, 4, 6, 8, 12, 16, 24];
const numbers = [-1, 0, 1, 2, 3, 4, 6, 8, 12, 1e9, 2 ** 53, 0.5, Number.NaN, "4", null, [], {}];
const keys = [
  "num_attention_heads",
  "n_head",
  "num_key_value_heads",
  "num_kv_heads",
  "head_dim",
  "hidden_size",
  "n_embd",
  "multi_query_group_num",
  "ffn_hidden_size",
  "kv_n_heads",
];
const types = [
  "gpt2",
  "falcon",
  "chatglm",
  "gpt_bigcode",
  "internlm2",
  "codegen",
  "modernbert",
  "llama4",
  "gpt_oss",
  "mpt",
  "__proto__",
];

function config(depth = 0): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (let n = stream.below(7); n > 0; n--) made[pick(keys)] = pick(numbers);
  if (stream.below(2) === 0) made.model_type = pick(types);
  for (const flag of ["multi_query", "multi_query_attention", "new_decoder_architecture"]) {
    if (stream.below(4) === 0) made[flag] = pick([true, false, 1]);
  }
  if (depth < 5 && stream.below(3) === 0)
    made[pick(["text_config", "attn_config", "vision_config"])] = config(depth + 1);
  return made;
}

/** Each number is its own: no two tensors share one. */
function tensor(name: string, first: number): StoredTensor {
  const shape = Array.from({ length: stream.below(5) }, () => pick(sizes));
  const count = sizeOf(shape);
  const data = Float64Array.from({ length: count }, (_, n) => first + n);
  return {
    name,
    shape,
    dataType: "float64",
    floating: stream.below(8) > 0,
    inParts: stream.below(4) > 0,
    async read(from, length) {
      if (!(from >= 0 && length >= 0 && from + length <= count))
        throw new Error(`${name}: read ${from} + ${length} of ${count}`);
      return data.slice(from, from + length);
    },
  };
}

it(`${bags} bags of tensors`, { timeout: 900_000 }, async () => {
  const outcomes = { layers: 0, parts: 0, leftOut: 0, refused: 0 };
  for (let n = 0; n < bags; n++) {
    const tensors: StoredTensor[] = [];
    const module = pick(modules);
    let first = 0;
    for (let k = 1 + stream.below(8); k > 0; k--) {
      const name = `${stream.below(3) === 0 ? pick(modules) : module}${pick(owners)}${pick(leaves)}`;
      if (tensors.some((each) => each.name === name)) continue;
      const made = tensor(name, first);
      tensors.push(made);
      first += sizeOf(made.shape);
    }
    const about = tensors.map(({ name, shape }) => `${name} [${shape}]`).join(", ");
    const layout =
      stream.below(6) === 0
        ? pick(["neurons-first", "neurons-last", { neuronAxes: [1] }, { neuronAxes: [2] }] as const)
        : undefined;
    const options = { config: stream.below(2) === 0 ? config() : undefined, layoutOf: () => layout };
    const placed = await placeTensors(tensors, options).catch((error: unknown) => {
      // A layout of the caller's that a shape hasn't.
      if (EnergyError.isInstance(error) && layout !== undefined) return undefined;
      throw new Error(`${about}: ${String(error)}`, { cause: error });
    });
    if (placed === undefined) {
      outcomes.refused++;
      continue;
    }
    const { layers, skipped } = placed;
    const seen = new Uint8Array(first);
    expect(new Set(layers.map(({ name }) => name)).size, about).toBe(layers.length);
    for (const layer of layers) {
      const { count, dim } = neuronAxes(layer.shape, layer.layout);
      const data = await layer.read();
      expect(data.length, about).toBe(count * dim);
      for (const number of data) seen[number]!++;
      const from = stream.below(data.length);
      const length = stream.below(data.length - from + 1);
      const part = await layer.readPart?.(from, length);
      if (part && part.join() !== data.slice(from, from + length).join())
        throw new Error(`${about}: ${layer.name} in parts`);
      outcomes.layers++;
      if (layer.name.endsWith("]")) outcomes.parts++;
    }
    const left = new Map(skipped.map(({ name, reason }) => [name, reason]));
    let at = 0;
    for (const { name, shape } of tensors) {
      const end = at + sizeOf(shape);
      // What PyTorch stores of a weight has the weight's name then.
      const made = name.replace(/weight_orig$|parametrizations\.weight\.original$/, "weight");
      const isMade = left.has(made) && !tensors.some((each) => each.name === made);
      const expected = left.has(name) || isMade ? 0 : 1;
      for (; at < end; at++) {
        if (seen[at] !== expected)
          throw new Error(`${about}: number ${at} of ${name} is in ${seen[at]} layers, not in ${expected}`);
      }
      if (expected === 0) outcomes.leftOut++;
    }
  }
  console.info(`${bags} bags: ${JSON.stringify(outcomes)}`);
  for (const outcome of Object.values(outcomes)) expect(outcome).toBeGreaterThan(bags / 100);
});
