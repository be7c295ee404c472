/** What a layer is called where people read it. */
import type { LayerAudit } from "../layer/layer-audit.js";
import { printable } from "./format-number.js";

/** Names that converters make up, by which nobody finds a layer: numbers, and words with a number that count them. */
const madeUp =
  /(^|[/:.])(const_fold_opt__\d+|unknown_\d+|\w*MatMul_\d+|\w*Conv_\d+|\w*Gemm_\d+|Constant_\d+(_output_0)?|initializer_?\d+|_?val?_\d+|tensor_?\d+|_v_\d+|[a-z]?\d+)(_quantized|_QuantizeLinear)?$/;

/** Nodes that a converter fused have the names of all of them, hundreds of letters long. */
const longReader = /"([\s\S]{48})[\s\S]{2,}"$/u;

/** A layer's name without control characters. Behind a name that a converter made up stands what reads the layer, cut where that is long. */
export function layerLabel({ layer, readBy }: Pick<LayerAudit, "layer" | "readBy">): string {
  const own = layer.replace(/ \[[^[\]]*\]$/, "");
  return printable(readBy !== null && madeUp.test(own) ? `${layer} (${readBy.replace(longReader, '"$1…"')})` : layer);
}

/** Layers with the same numbers, bit for bit, as one. */
export interface RepeatedLayer {
  /** The first of them. */
  readonly layer: LayerAudit;
  /** The names of the others. */
  readonly repeats: readonly string[];
}

/** Makes one entry of all layers of a file that hold the same numbers bit for bit, in the order of their first ones. */
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
