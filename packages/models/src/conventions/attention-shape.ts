/**
 * How many heads a network's attention has, for matrices that hold queries, keys and values together: by config.json, under
 * the names that model families use. Grouped-query attention has fewer heads of keys and values; each serves a group of
 * queries.
 */
import { type ConfigPart, configs } from "./model-config.js";
import type { RuleContext } from "./tensor-bag.js";

export interface AttentionShape {
  /** How many heads of queries. */
  readonly heads: number;
  /** How many heads of keys, and of values. */
  readonly groups: number;
  /** Numbers of a head. */
  readonly size: number;
  readonly config: ConfigPart;
}

/** All that the config and its parts say; a model with text and pictures has several. */
export function attentionShapes(context: RuleContext): readonly AttentionShape[] {
  return configs(context).flatMap((config) => {
    const shape = shapeOf(config, configs({ config: context.config }));
    return shape === undefined ? [] : [shape];
  });
}

function shapeOf(config: ConfigPart, all: readonly ConfigPart[]): AttentionShape | undefined {
  const first = (...keys: readonly string[]) =>
    keys.map((key) => config.whole(key)).find((value) => value !== undefined);
  const heads = first("num_attention_heads", "n_head", "n_heads", "num_heads");
  if (heads === undefined) return undefined;
  const width = first("hidden_size", "n_embd", "d_model", "embed_dim", "dim");
  const size =
    first("head_dim", "kv_channels", "attention_head_size", "d_kv") ??
    (width === undefined ? undefined : width / heads);
  if (size === undefined || !Number.isInteger(size)) return undefined;
  const groups =
    first("num_key_value_heads", "num_kv_heads", "n_head_kv") ??
    (config.flag("multi_query_attention") ? config.whole("multi_query_group_num") : undefined) ??
    // MPT and DBRX keep it in a part of its own.
    (config.text("model_type") === undefined
      ? undefined
      : all.map((part) => part.whole("kv_n_heads")).find((value) => value !== undefined)) ??
    (config.flag("multi_query") ? 1 : heads);
  return heads % groups === 0 ? { heads, groups, size, config } : undefined;
}
