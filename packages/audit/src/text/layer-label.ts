/** What a layer is called where people read it. */
import type { LayerAudit } from "../layer/layer-audit.js";
import { printable } from "./format-number.js";

/** Names that converters make up, by which nobody finds a layer: numbers, and words with a number that count them. */
const madeUp =
  /(^|[/:.])(const_fold_opt__\d+|unknown_\d+|\w*MatMul_\d+|\w*Conv_\d+|\w*Gemm_\d+|Constant_\d+(_output_0)?|initializer_?\d+|_?val?_\d+|tensor_?\d+|_v_\d+|[a-z]?\d+)(_quantized|_QuantizeLinear)?$/;

/** Nodes that a converter fused have the names of all of them, hundreds of letters long. */
const longReader = /"([\s\S]{48})[\s\S]{2,}"$/u;

/** Its name, free of control characters; behind one that a converter made up, what reads the layer, cut where that is long. */
export function layerLabel({ layer, readBy }: Pick<LayerAudit, "layer" | "readBy">): string {
  const own = layer.replace(/ \[[^[\]]*\]$/, "");
  return printable(readBy !== null && madeUp.test(own) ? `${layer} (${readBy.replace(longReader, '"$1…"')})` : layer);
}

/** Layers with the same numbers, bit for bit, as one: the first of them in this order, with the names of the others. */
export interface RepeatedLayer {
  readonly layer: LayerAudit;
  /** Names of the layers that repeat it. */
  readonly repeats: readonly string[];
}

/** In their order. */
export function withoutRepeats(layers: readonly LayerAudit[]): readonly RepeatedLayer[] {
  const found = new Map<string, { layer: LayerAudit; repeats: string[] }>();
  for (const layer of layers) {
    const key = JSON.stringify([layer.file, layer.sameAs ?? layer.layer]);
    const first = found.get(key);
    if (first) first.repeats.push(layer.layer);
    else found.set(key, { layer, repeats: [] });
  }
  return [...found.values()];
}
