/**
 * Where in a fused matrix its parts are: along its neurons' axis, which is cut into equal groups, of which each has the parts
 * one after another. One group: q, then k, then v. A group for each head, or for each head of keys and values, where a
 * model keeps those of a head together.
 *
 * What is known of each name, from the code of its models: a plan, or why it can't be told.
 */
import type { AttentionShape } from "./attention-shape.js";

export interface FusedPart {
  readonly role: string;
  /** Rows within a group. */
  readonly size: number;
}

export interface FusedPlan {
  readonly groups: number;
  readonly parts: readonly FusedPart[];
  /** How the rows lie, in words. */
  readonly order: string;
}

export interface FusedMatrix {
  /** The module's own name, or the tensor's: "c_attn", "in_proj_weight". */
  readonly owner: string;
  /** Its neurons, and the numbers of each. */
  readonly rows: number;
  readonly columns: number;
  readonly shapes: readonly AttentionShape[];
  readonly types: ReadonlySet<string>;
}

/** A plan; why there is none; `undefined` where the matrix isn't a fused one. */
export type Planner = (matrix: FusedMatrix) => FusedPlan | string | undefined;

const qkv = ["query", "key", "value"];

const thirds = (rows: number, roles: readonly string[] = qkv): FusedPlan => ({
  groups: 1,
  parts: roles.map((role) => ({ role, size: rows / 3 })),
  order: `${roles.join(", ")}, one below the other`,
});

const halves = (rows: number, roles: readonly [string, string]): FusedPlan | string =>
  rows % 2 === 0
    ? {
        groups: 1,
        parts: roles.map((role) => ({ role, size: rows / 2 })),
        order: `${roles.join(", ")}, one below the other`,
      }
    : `${rows} rows aren't two matrices`;

/** Queries of all heads, then keys, then values. */
function stacked({ heads, groups, size }: AttentionShape): FusedPlan {
  const parts = [heads, groups, groups].map((count, n) => ({ role: qkv[n]!, size: count * size }));
  return {
    groups: 1,
    parts,
    order: `query, key, value, one below the other; ${heads} heads, ${groups} of keys and values`,
  };
}

/** For each head of keys and values: its queries, its key, its value. */
function perHead({ heads, groups, size }: AttentionShape): FusedPlan {
  const parts = [heads / groups, 1, 1].map((count, n) => ({ role: qkv[n]!, size: count * size }));
  return {
    groups,
    parts,
    order: `query, key, value within each of ${groups} ${groups === heads ? "heads" : "groups of heads"}`,
  };
}

const fits = (rows: number, columns: number) => (shape: AttentionShape) =>
  rows === (shape.heads + 2 * shape.groups) * shape.size && widthFits(shape, columns);

/** Whether the width of the model, where its config says one, is this number of columns. */
function widthFits({ config }: AttentionShape, columns: number): boolean {
  const width = config.whole("hidden_size") ?? config.whole("n_embd") ?? config.whole("d_model");
  return width === undefined || width === columns;
}

const unknownHeads = (owner: string) =>
  `"${owner}" holds queries, keys and values, but in which rows, its heads say: put the model's config.json beside it`;

/** Rows of q, then of k, then of v, in one block each: whoever has as many of each needs no config. */
const plain: Planner = ({ owner, rows, columns, shapes }) => {
  const stated = shapes.find(fits(rows, columns));
  if (stated) return stacked(stated);
  if (rows === 3 * columns) return thirds(rows);
  return unknownHeads(owner);
};

/** Three parts of the same size, whatever the width. */
const equalThirds: Planner = ({ rows, owner }) =>
  rows % 3 === 0 ? thirds(rows) : `${rows} rows of "${owner}" aren't q, k and v`;

const interleaved: Planner = ({ owner, rows, columns, shapes, types }) => {
  const stated = shapes.find(fits(rows, columns)) ?? multiQuery(rows, columns, shapes);
  if (stated === undefined) return unknownHeads(owner);
  const { config } = stated;
  // ChatGLM 2 and 3, and Falcon with one head of keys and values, keep them in blocks.
  if (types.has("chatglm") && config.flag("multi_query_attention")) return stacked(stated);
  return perHead(stated);
};

/**
 * Falcon: `multi_query` gives all heads of queries one key and one value, and `num_kv_heads` then counts nothing, but with its
 * newer decoder (`new_decoder_architecture`).
 */
function multiQuery(rows: number, columns: number, shapes: readonly AttentionShape[]): AttentionShape | undefined {
  return shapes
    .filter(({ config }) => config.flag("multi_query") === true)
    .map((shape) => ({ ...shape, groups: 1 }))
    .find(fits(rows, columns));
}

/** CodeGen was trained on four chips: each has its share of the queries, of the values, of the keys. */
function codegen(rows: number): FusedPlan {
  const parts = ["query", "value", "key"].map((role) => ({ role, size: rows / 12 }));
  return { groups: 4, parts, order: "query, value, key within each of 4 groups" };
}

const cAttn: Planner = ({ owner, rows, columns, shapes, types }) => {
  if (rows === 2 * columns) return halves(rows, ["key", "value"]);
  if (types.has("gpt_bigcode")) {
    const stated = shapes.find(fits(rows, columns));
    if (stated === undefined) return unknownHeads(owner);
    return stated.groups === 1 ? stacked(stated) : perHead(stated);
  }
  if (rows === 3 * columns) return thirds(rows);
  // StarCoder: queries of the network's width, and one key and one value for all heads.
  const rest = rows - columns;
  if (rest > 0 && rest % 2 === 0 && rest < 2 * columns) {
    const parts = [columns, rest / 2, rest / 2].map((size, n) => ({ role: qkv[n]!, size }));
    return { groups: 1, parts, order: "query, one key and one value for all heads" };
  }
  return unknownHeads(owner);
};

const wqkv: Planner = (matrix) => {
  // InternLM 2 keeps each group of heads together, gpt-fast and others don't.
  if (matrix.types.has("internlm2")) return interleaved(matrix);
  if (matrix.types.size === 0) return unknownHeads(matrix.owner);
  return plain(matrix);
};

const qkvProj: Planner = (matrix) =>
  matrix.types.has("codegen") && matrix.rows % 12 === 0 ? codegen(matrix.rows) : plain(matrix);

const gated =
  (roles: readonly [string, string]): Planner =>
  ({ rows }) =>
    halves(rows, roles);

/** ChatGLM 2 and 3 have gate and up in it; BLOOM, GPT-NeoX and ChatGLM 1 one matrix. */
const chatglmUp: Planner = ({ rows, types, shapes }) =>
  types.has("chatglm") && shapes.some(({ config }) => 2 * (config.whole("ffn_hidden_size") ?? 0) === rows)
    ? halves(rows, ["gate", "up"])
    : undefined;

export const planners: ReadonlyMap<string, Planner> = new Map<string, Planner>([
  // torch.nn.MultiheadAttention.
  ["in_proj_weight", equalThirds],
  ["c_attn", cAttn],
  // timm and most vision transformers; MPT, ModernBERT, DBRX; Phi-3; Baichuan; lucidrains.
  ["qkv", plain],
  ["Wqkv", plain],
  ["qkv_proj", qkvProj],
  ["W_pack", plain],
  ["to_qkv", equalThirds],
  // GPT-NeoX, BLOOM, Falcon, ChatGLM, Persimmon; Megatron.
  ["query_key_value", interleaved],
  ["linear_qkv", interleaved],
  ["wqkv", wqkv],
  ["kv", gated(["key", "value"])],
  ["to_kv", gated(["key", "value"])],
  // Phi-3, GLM; DINOv2's SwiGLU; ModernBERT.
  ["gate_up_proj", gated(["gate", "up"])],
  ["w12", gated(["gate", "up"])],
  ["Wi", (matrix) => (matrix.types.has("modernbert") ? halves(matrix.rows, ["input", "gate"]) : undefined)],
  ["dense_h_to_4h", chatglmUp],
]);
