/** Which layer of one model is which of another: by name, else by its numbers where it was renamed, else by kind and shape in order. */
import type { LayerAudit } from "../layer/layer-audit.js";

/** A layer of one model with the layer of another that it is compared with. */
export interface MatchedLayer {
  /** The layer of the first model. */
  readonly before: LayerAudit;
  /** The layer of the second model. */
  readonly after: LayerAudit;
  /** What of the two agrees: their names, all their numbers, or only their shapes. */
  readonly by: "name" | "numbers" | "shape";
}

/** The layers of two models, matched with each other. */
export interface Matching {
  /** The layers that were matched. */
  readonly matched: readonly MatchedLayer[];
  /** The layers of the first model that match none of the second. */
  readonly onlyBefore: readonly LayerAudit[];
  /** The layers of the second model that match none of the first. */
  readonly onlyAfter: readonly LayerAudit[];
}

/** ONNX Runtime's quantizer calls what it makes of a matrix `W_quantized`. */
const plainName = ({ layer }: LayerAudit) => layer.replace(/_quantized(?=$| \[)/, "");

/**
 * Matches the layers of two models: by their names, else by all their numbers, else by their shapes.
 *
 * @param before the layers of the first model, in the order of its file
 * @param after the layers of the second model, in the order of its file
 */
export function matchLayers(before: readonly LayerAudit[], after: readonly LayerAudit[]): Matching {
  const free = new Set(after);
  const matched: MatchedLayer[] = [];
  const match = (
    by: MatchedLayer["by"],
    left: readonly LayerAudit[],
    keyOf: (layer: LayerAudit) => string | undefined,
  ) => {
    const found = new Map<string, LayerAudit[]>();
    for (const layer of free) {
      const key = keyOf(layer);
      if (key === undefined) continue;
      const others = found.get(key);
      if (others) others.push(layer);
      else found.set(key, [layer]);
    }
    return left.filter((layer) => {
      const key = keyOf(layer);
      const other = key === undefined ? undefined : found.get(key)?.shift();
      if (!other) return true;
      free.delete(other);
      matched.push({ before: layer, after: other, by });
      return false;
    });
  };
  const size = ({ count, dim }: LayerAudit) => `${count}×${dim}`;
  const unnamed = match("name", before, (layer) => JSON.stringify([layer.layer, size(layer)]));
  const quantized = match("name", unnamed, (layer) => JSON.stringify([plainName(layer), size(layer)]));
  const moved = match("numbers", quantized, ({ digest }) => digest ?? undefined);
  const onlyBefore = match("shape", moved, size);
  return { matched, onlyBefore, onlyAfter: [...free] };
}
