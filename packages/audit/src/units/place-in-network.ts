/**
 * Where in a deep network a layer is, by its name: which block of which stack, and what it does there. Names are habits, not rules: what fits none of them has
 * no place, and nothing is said of it.
 */
import type { LayerAudit } from "../layer/layer-audit.js";

/** A layer's place: `model.layers.3.self_attn.q_proj.weight` is block 3 of `model.layers`, its role "query". */
export interface NetworkPlace {
  /** What holds the blocks: "model.layers", "blk"; encoder and decoder are stacks of their own. */
  readonly stack: string;
  /** From 0, as the file counts them. */
  readonly block: number;
  /** "query", "key", "value", "output", "gate", "up", "down", or the module's own name. */
  readonly role: string;
}

/** `layers.3.`, `h/3/`, `encoderblock_3/`: the first of them is the block; T5 has layers within its blocks. */
const numbered =
  /(?:^|[./ "])((?:[\w-]*_)?(?:layers?|blocks?|h|blk|encoderblock|decoderblock|resblocks|layer_module))[._/](\d{1,4})(?=[./])/i;

/** A module's own name, as families of models have it. */
const roles: readonly (readonly [role: string, module: RegExp])[] = [
  ["query", /^(q|q_?proj|query|attn_q|to_q|wq|q_lin|query_proj|q_a_proj|q_b_proj)$/i],
  ["key", /^(k|k_?proj|key|attn_k|to_k|wk|k_lin|key_proj)$/i],
  ["value", /^(v|v_?proj|value|attn_v|to_v|wv|v_lin|value_proj)$/i],
  ["output", /^(o|o_?proj|out_?proj|attn_output|attn_out|to_out|wo|out_lin)$/i],
  ["gate", /^(gate_?proj|ffn_gate|w1|wi_0)$/i],
  ["up", /^(up_?proj|ffn_up|w3|fc1|c_fc|linear1|lin1|dense_h_to_4h|wi|wi_1)$/i],
  ["down", /^(down_?proj|ffn_down|w2|fc2|linear2|lin2|dense_4h_to_h)$/i],
];

/** Finds a layer's place in its network by its name; `undefined` where the name tells no block. */
export function placeInNetwork({
  layer,
  role,
  readBy,
}: Pick<LayerAudit, "layer" | "role" | "readBy">): NetworkPlace | undefined {
  for (const text of readBy === null ? [layer] : [layer, readBy]) {
    const found = numbered.exec(text);
    if (!found) continue;
    const end = found.index + found[0].length;
    const stack = text
      .slice(0, end)
      .replace(/[._/]\d+$/, "")
      .replace(/^.*[ "]\/?/, "");
    return { stack, block: Number(found[2]), role: knownRole(role) ?? roleByName(text.slice(end)) };
  }
  return undefined;
}

/** What a layer does in its network, whether it is in a block or not; `undefined` where neither its file nor its name says. */
export function roleOf(layer: Pick<LayerAudit, "layer" | "role" | "readBy">): string | undefined {
  const known = knownRole(layer.role);
  if (known !== undefined) return known;
  const place = placeInNetwork(layer);
  if (place !== undefined) return place.role;
  if (/(^|[._/])(wte|wpe|embed\w*|\w*_?embeddings?|tok_embd|token_embd)([._/:]|$)/i.test(layer.layer))
    return "embedding";
  return /(^|[._/])(lm_head|head|classifier|output|logits|score)([._/:]|$)/i.test(layer.layer) ? "head" : undefined;
}

/** "expert 3, up_proj" and "expert 3 up" are "up" and "up". */
function knownRole(role: string | null): string | undefined {
  if (role === null) return undefined;
  const expert = /^expert \d+[, ]*(.*)$/.exec(role);
  if (!expert) return role;
  return roleByWord(expert[1]!) ?? (expert[1] || "expert");
}

const roleByWord = (word: string) => roles.find(([, module]) => module.test(word))?.[0];

/** Of the path below the block: `self_attn.q_proj.weight`. */
function roleByName(path: string): string {
  const words = path
    .replace(/ \[[^[\]]*\]$/, "")
    .replace(/"$/, "")
    .split(/[./]/)
    .filter((word) => !/^(|\d+|weight|kernel(:0)?|w|MatMul(_\d+)?|Gemm|\w*_MatMul(_\w+)?)$/.test(word));
  const own = words.at(-1) ?? "";
  // BERT: attention.output.dense writes what attention found, intermediate.dense and output.dense are the two of the MLP; GPT-2: attn.c_proj, mlp.c_proj.
  if (own === "dense") {
    const parent = words.slice(0, -1).join(".");
    if (/attention\.output$|self_attention$/.test(parent)) return "output";
    if (/intermediate$/.test(parent)) return "up";
    if (/output$/.test(parent)) return "down";
  }
  if (own === "c_proj") return words.includes("mlp") ? "down" : "output";
  return roleByWord(own) ?? (words.slice(-2).join(".") || "other");
}
