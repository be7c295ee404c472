/** Which layer of one model is which of another: by name, else by kind and shape in order. */
import type { LayerAudit } from "../layer/layer-audit.js";

/** A layer of one model with the layer of another that it is compared with, and whether their names or only their shapes agree. */
export interface MatchedLayer {
  readonly before: LayerAudit;
  readonly after: LayerAudit;
  readonly by: "name" | "shape";
}

/** The layers of two models: those that were matched, and those that only one of the two has. */
export interface Matching {
  readonly matched: readonly MatchedLayer[];
  readonly onlyBefore: readonly LayerAudit[];
  readonly onlyAfter: readonly LayerAudit[];
}

/** Both lists in the order of their files. */
export function matchLayers(before: readonly LayerAudit[], after: readonly LayerAudit[]): Matching {
  const free = new Set(after);
  const matched: MatchedLayer[] = [];
  const match = (
    by: MatchedLayer["by"],
    left: readonly LayerAudit[],
    same: (a: LayerAudit, b: LayerAudit) => boolean,
  ) =>
    left.filter((layer) => {
      const found = [...free].find((other) => same(layer, other));
      if (!found) return true;
      free.delete(found);
      matched.push({ before: layer, after: found, by });
      return false;
    });
  const sameSize = (a: LayerAudit, b: LayerAudit) => a.count === b.count && a.dim === b.dim;
  const unnamed = match("name", before, (a, b) => a.layer === b.layer && sameSize(a, b));
  const onlyBefore = match("shape", unnamed, sameSize);
  return { matched, onlyBefore, onlyAfter: [...free] };
}
