/**
 * How heads divide the matrices of attention: by config.json under the names that families of models use, by the same names in what a file says of itself, by the
 * caller's word, or by the shape itself where a format keeps heads on an axis of their own. Where a model has several attentions and a matrix fits more than one, or nothing says how wide a head is, nothing is said.
 */
import { neuronAxes } from "@comhe/core/layouts";
import type { ModelConfig, OpenOptions } from "../format.js";
import type { HeadDivision, LayerSource } from "../layer-source.js";
import { attentionShapes } from "./attention-shape.js";

/** Which of an attention's matrices one is: it makes the queries, the keys or the values, or it takes the heads' output. */
export type AttentionPart = "query" | "key" | "value" | "output";

const parts: readonly (readonly [AttentionPart, RegExp])[] = [
  ["query", /^(q|q_?proj|query|query_?proj|attn_q|to_q|wq|q_lin|q_linear|query_dense)$/i],
  ["key", /^(k|k_?proj|key|key_?proj|attn_k|to_k|wk|k_lin|k_linear|key_dense)$/i],
  ["value", /^(v|v_?proj|value|value_?proj|attn_v|to_v|wv|v_lin|v_linear|value_dense)$/i],
  ["output", /^(o|out|o_?proj|out_?proj|attn_output|attn_out|to_out|wo|out_lin)$/i],
];

/** Which of an attention's matrices a layer is, by its role, or else by the names of its modules; `undefined` where it is none. */
export function attentionPart({
  name,
  role,
  readBy,
}: Pick<LayerSource, "name" | "role" | "readBy">): AttentionPart | undefined {
  if (role === "query" || role === "key" || role === "value") return role;
  for (const text of readBy === undefined ? [name] : [name, readBy]) {
    const modules = text.replace(/ \[[^[\]]*\]$/, "").split(/[./ "]/);
    // BERT and GPT-2 call theirs "output.dense" and "c_proj", as they do others.
    const path = modules.join(".");
    if (/attention\.output\.dense\b|\battn\.c_proj\b|self_attention\.dense\b|attn\.proj\b/.test(path)) return "output";
    if (role !== undefined && role !== "output") continue;
    if (!/att|\bblk\b|mixer|mha/i.test(path)) continue;
    const own =
      modules
        .filter((module) => module !== "" && !/^(weight|kernel|kernel:0|w|\d+|MatMul(_\d+)?)$/.test(module))
        .at(-1) ?? "";
    const found = parts.find(([, pattern]) => pattern.test(own))?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What may say how heads divide a model, in the order in which it is believed. */
export interface HeadSources {
  /** The caller's word. */
  readonly told?: OpenOptions["heads"];
  /** What config.json says. */
  readonly config?: ModelConfig | undefined;
  /** What the file itself says, by the names of config.json. */
  readonly metadata?: ModelConfig | undefined;
}

/** Layers of attention with their heads; all others as they are. What a format has said of a layer stays, but for the caller's word. */
export function withHeads(
  layers: readonly LayerSource[],
  { told, config, metadata }: HeadSources,
): readonly LayerSource[] {
  const [shapes, own] = [attentionShapes({ config }), attentionShapes({ config: metadata })];
  const found = layers.map((layer) => {
    const part = attentionPart(layer);
    const heads =
      (part && told && headsAsTold(layer, part, told)) ??
      layer.heads ??
      headsByShape(layer, part) ??
      (part && headsByConfig(layer, part, shapes, "config.json")) ??
      (part && headsByConfig(layer, part, own, "the metadata of the file"));
    return heads === undefined ? layer : { ...layer, heads };
  });
  return found.map((layer) => {
    const heads = layer.heads === undefined ? headsOfOutput(layer, found) : undefined;
    return heads === undefined ? layer : { ...layer, heads };
  });
}

/** By the queries, where all of the model have the same heads and the output reads as many numbers. */
function headsOfOutput(layer: LayerSource, layers: readonly LayerSource[]): HeadDivision | undefined {
  if (attentionPart(layer) !== "output") return undefined;
  const queries = layers.flatMap(({ heads, ...other }) =>
    heads !== undefined && heads.along === "neurons" && attentionPart(other) === "query" ? [heads] : [],
  );
  const [first] = queries;
  if (!first || queries.some(({ count, size }) => count !== first.count || size !== first.size)) return undefined;
  const { dim } = neuronAxes(layer.shape, layer.layout);
  if (dim !== first.count * first.size) return undefined;
  return { count: first.count, size: first.size, along: "inputs", queries: 1, source: "the heads of its queries" };
}

function headsAsTold(
  { shape, layout }: LayerSource,
  part: AttentionPart,
  { count: queries, ofKeys = queries }: NonNullable<OpenOptions["heads"]>,
): HeadDivision | undefined {
  const { count, dim } = neuronAxes(shape, layout);
  const own = part === "key" || part === "value" ? ofKeys : queries;
  const size = (part === "output" ? dim : count) / own;
  if (!Number.isInteger(size) || queries % own !== 0) return undefined;
  const along = part === "output" ? "inputs" : "neurons";
  return { count: own, size, along, queries: queries / own, source: "the caller's word" };
}

/** JAX's and Keras' kernels `[in, heads, head size]`, and of the output `[heads, head size, out]`. */
function headsByShape(
  { shape, layout, kind, role }: LayerSource,
  part: AttentionPart | undefined,
): HeadDivision | undefined {
  if (shape.length !== 3 || !(kind === "attention" || kind === "MultiHeadAttention" || part !== undefined))
    return undefined;
  const { axes } = neuronAxes(shape, layout);
  const [a, b, c] = shape as [number, number, number];
  const own = { queries: 1, source: "the shape of its kernel" };
  if (axes.join() === "1,2" && part !== "output") return { count: b, size: c, along: "neurons", ...own };
  const isOutput = part === "output" || (kind === "MultiHeadAttention" && role === "output");
  if (axes.join() === "2" && isOutput) return { count: a, size: b, along: "inputs", ...own };
  return undefined;
}

function headsByConfig(
  layer: LayerSource,
  part: AttentionPart,
  shapes: ReturnType<typeof attentionShapes>,
  source: string,
): HeadDivision | undefined {
  const { count, dim } = neuronAxes(layer.shape, layer.layout);
  const fitting = new Map<string, HeadDivision>();
  for (const { heads, groups, size } of shapes) {
    const own = part === "key" || part === "value" ? groups : heads;
    if (own * size !== (part === "output" ? dim : count)) continue;
    const division: HeadDivision = {
      count: own,
      size,
      along: part === "output" ? "inputs" : "neurons",
      queries: heads / own,
      source,
    };
    fitting.set(JSON.stringify(division), division);
  }
  return fitting.size === 1 ? [...fitting.values()][0] : undefined;
}
