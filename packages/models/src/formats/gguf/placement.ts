/**
 * What a GGUF tensor is, by its name: llama.cpp names tensors alike in every architecture (`blk.3.ffn_up.weight`). ggml
 * multiplies by rows, so rows are neurons, in convolutions the first axis. Tensors that hold several matrices are taken
 * apart: fused queries, keys and values by the head counts of the metadata, experts one by one.
 */
import type { Shape } from "@comhe/core/layouts";
import type { HeadDivision, Role } from "../../layer-source.js";
import type { MetadataValue } from "./metadata.js";

export interface GgufPart {
  /** What the tensor's name is followed by in brackets, where it holds several matrices. */
  readonly part: string | undefined;
  readonly kind: string;
  readonly role: Role | undefined;
  /** First number of the part in the tensor. */
  readonly from: number;
  readonly shape: Shape;
  readonly note?: string | undefined;
}

/** More matrices than that in one tensor are none. */
const mostParts = 4096;

/** Roles by the last word of a name, in the words of `Role`. */
const roles: Readonly<Record<string, Role>> = {
  token_embd: "embedding",
  token_embd_per_layer: "embedding",
  per_layer_token_embd: "embedding",
  position_embd: "embedding",
  token_types: "embedding",
  output: "head",
  cls: "head",
  attn_q: "query",
  attn_k: "key",
  attn_v: "value",
  cross_attn_q: "query",
  cross_attn_k: "key",
  cross_attn_v: "value",
  attn_output: "output",
  attn_out: "output",
  attn_o: "output",
  cross_attn_o: "output",
  attn_gate: "gate",
  ffn_gate: "gate",
  ffn_up: "up",
  ffn_down: "down",
  ffn_gate_shexp: "gate",
  ffn_up_shexp: "up",
  ffn_down_shexp: "down",
  ffn_gate_inp: "router",
};

const experts = /(^|\.)ffn_(gate|up|down|gate_up)_(ch)?exps$/;
const embedding = /(^|[._])(token_embd|position_embd|pos_embd|token_types|embed_tokens)(_|$)/;
/** Tensors of two or more axes that no input is multiplied with: parameters of a channel or a head each. */
const elementwise =
  /(^|\.)(ssm_a|ssm_d|rope_freqs|rope_factors_\w+|time_mix_(first|decay|lerp_\w+|r_k|[ak]_[ak]|[avw]0)|channel_mix_lerp_\w+|altup_correct_\w+|attn_sinks|pos_bias_[uv]|image_newline|view_seperator|query)$/;
const convolution = /(^|[._])(conv\w*|patch_embd|dw)(\.|$)/;

/** The matrices of a tensor, or the reason why it has none. `shape` has the outermost axis first. */
export function placeTensor(
  name: string,
  shape: Shape,
  metadata: ReadonlyMap<string, MetadataValue>,
): readonly GgufPart[] | string {
  const base = name.replace(/\.weight$/, "");
  const last = base.split(".").at(-1)!;
  if (/\.bias$/.test(name)) return "a bias";
  if (/\.lora_[ab]$/.test(name)) {
    return "a factor of a low-rank change B·A, whose rows are no neurons; audit the PEFT adapter it was converted from, which is put together";
  }
  if (elementwise.test(base)) return "one number for each channel, not a matrix that inputs are multiplied with";
  // ggml keeps four sizes for every tensor; leading ones are no axes.
  const sizes = [...shape];
  while (sizes.length > 2 && sizes[0] === 1) sizes.shift();
  const whole = (kind: string, note?: string): GgufPart[] => [
    { part: undefined, kind, role: roles[last], from: 0, shape: sizes, ...(note !== undefined && { note }) },
  ];
  if (convolution.test(base) && (sizes.length > 2 || /conv1d/.test(base))) return whole("convolution");
  if (sizes.length === 2) {
    if (embedding.test(base)) return whole("embedding");
    if (/(^|[._])attn_qkv$/.test(base)) {
      return (
        splitHeads(base, sizes, metadata) ?? whole("matrix", "queries, keys and values in one: no head counts that fit")
      );
    }
    if (last === "ffn_up") return splitGate(base, sizes, metadata) ?? whole("matrix");
    return whole("matrix");
  }
  if (sizes.length === 3) {
    const expert = experts.exec(base);
    if (expert) return stack(sizes, "expert", expert[2]!);
    return stack(sizes, /attn_[kv]_b$/.test(base) ? "head" : undefined, undefined);
  }
  return sizes.length === 4 ? whole("convolution") : `${sizes.length} axes, which no layer of ggml has`;
}

/** A matrix for each entry of the first axis; gate and up, where they are fused, one below the other. */
function stack([count, rows, dim]: readonly number[], word: string | undefined, what: string | undefined) {
  const halves = what === "gate_up" && rows! % 2 === 0 ? ["gate", "up"] : [what];
  if (count! * halves.length > mostParts) return `holds ${count! * halves.length} matrices, more than ${mostParts}`;
  const height = rows! / halves.length;
  return Array.from({ length: count! * halves.length }, (_, n): GgufPart => {
    const half = halves[n % halves.length];
    const number = `${word === undefined ? "" : `${word} `}${Math.floor(n / halves.length)}`;
    const role = [word === undefined ? undefined : number, half].filter((text) => text !== undefined).join(" ");
    return {
      part: halves.length > 1 ? `${number} ${half}` : number,
      kind: "matrix",
      role: role === "" ? undefined : role,
      from: n * height * dim!,
      shape: [height, dim!],
    };
  });
}

/** Rows of the queries of all heads, then the keys', then the values'. */
function splitHeads(base: string, [rows, dim]: readonly number[], metadata: ReadonlyMap<string, MetadataValue>) {
  const value = (key: string) => numberFor(base, key, metadata);
  const heads = value("attention.head_count");
  const width = value("embedding_length");
  if (heads === undefined) return undefined;
  const keyHeads = value("attention.head_count_kv") ?? heads;
  const keyLength = value("attention.key_length") ?? (width ?? dim!) / heads;
  const valueLength = value("attention.value_length") ?? keyLength;
  const parts = [
    ["query", heads * keyLength],
    ["key", keyHeads * keyLength],
    ["value", keyHeads * valueLength],
  ] as const;
  const total = parts.reduce((sum, [, height]) => sum + height, 0);
  if (total !== rows || parts.some(([, height]) => !Number.isInteger(height))) return undefined;
  let from = 0;
  return parts.map(([part, height]): GgufPart => {
    const placed = { part, kind: "matrix", role: part, from, shape: [height, dim!] };
    from += height * dim!;
    return placed;
  });
}

/** Phi-3 and GLM-4 keep gate and up in one tensor of twice the feed-forward length, the gate first. */
function splitGate(base: string, [rows, dim]: readonly number[], metadata: ReadonlyMap<string, MetadataValue>) {
  const length = numberFor(base, "feed_forward_length", metadata);
  if (length === undefined || rows !== 2 * length) return undefined;
  return ["gate", "up"].map(
    (part, n): GgufPart => ({ part, kind: "matrix", role: part, from: n * length * dim!, shape: [length, dim!] }),
  );
}

/** A size that the metadata state for the tensor's network, or for each of its layers. */
function numberFor(base: string, key: string, metadata: ReadonlyMap<string, MetadataValue>): number | undefined {
  const architecture = /^v\./.test(base) ? "clip.vision" : String(metadata.get("general.architecture") ?? "");
  const found = metadata.get(`${architecture}.${key}`);
  const block = Number(/(?:^|\.)blk\.(\d+)\./.exec(base)?.[1]);
  const number = Array.isArray(found) ? found[block] : found;
  return typeof number === "number" && Number.isInteger(number) && number > 0 ? number : undefined;
}

/** How heads divide a matrix of attention, as the metadata state it; `undefined` where they don't, or it doesn't fit. */
export function headsOf(
  name: string,
  role: Role | undefined,
  [rows, dim]: Shape,
  metadata: ReadonlyMap<string, MetadataValue>,
): HeadDivision | undefined {
  const base = name.replace(/\.weight$/, "");
  if (!/(^|[._])attn_/.test(base) || !/^(query|key|value|output)$/.test(role ?? "")) return undefined;
  const value = (key: string) => numberFor(base, key, metadata);
  const heads = value("attention.head_count");
  if (heads === undefined) return undefined;
  const ofKeys = value("attention.head_count_kv") ?? heads;
  const keyLength = value("attention.key_length") ?? (value("embedding_length") ?? 0) / heads;
  const valueLength = value("attention.value_length") ?? keyLength;
  const count = role === "key" || role === "value" ? ofKeys : heads;
  const size = role === "value" || role === "output" ? valueLength : keyLength;
  const along = role === "output" ? "inputs" : "neurons";
  if (size < 1 || !Number.isInteger(size) || count * size !== (along === "inputs" ? dim : rows)) return undefined;
  const queries = heads / count;
  return Number.isInteger(queries) ? { count, size, along, queries, source: "the metadata of the file" } : undefined;
}
