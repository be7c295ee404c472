/** Which layer of one model is which of another: by name, else by its numbers where it was renamed, else by kind and shape in order. */
import type { LayerAudit } from "../layer/layer-audit.js";

/** A layer of one model with the layer of another that it is compared with, and what of them agrees: names, all numbers, or only shapes. */
export interface MatchedLayer {
  readonly before: LayerAudit;
  readonly after: LayerAudit;
  readonly by: "name" | "numbers" | "shape";
}

/** The layers of two models: those that were matched, and those that only one of the two has. */
export interface Matching {
  readonly matched: readonly MatchedLayer[];
  readonly onlyBefore: readonly LayerAudit[];
  readonly onlyAfter: readonly LayerAudit[];
}

/** ONNX Runtime's quantizer calls what it makes of a matrix `W_quantized`. */
const plainName = ({ layer }: LayerAudit) => layer.replace(/_quantized(?=$| \[)/, "");

/** Both lists in the order of their files. */
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
