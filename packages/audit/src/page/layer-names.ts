/** Labels for pictures: unique, and telling. Pages wrap what is long. */
import type { LayerAudit } from "../layer/layer-audit.js";
import { printable } from "../text/format-number.js";
import { layerLabel } from "../text/layer-label.js";

export type Names = ReadonlyMap<LayerAudit, string>;

/** A path without what all paths have: folders, endings, and names like `model.json`, for which the folder stands. */
export function fileLabel(path: string): string {
  const [file = "", folder = ""] = path.split(/[\\/]/).map(printable).reverse();
  const base = file.replace(/\.\w+$/, "").replace(/[-_](model-)?weights_manifest$/, "");
  return /^(model|weights|weights_manifest)$/.test(base) && folder !== "" ? folder : base;
}

/** The file's label before the layer's name where there are several files. */
export function layerNames(layers: readonly LayerAudit[]): Names {
  const several = new Set(layers.map(({ file }) => file)).size > 1;
  const used = new Set<string>();
  return new Map(
    layers.map((layer) => {
      const full = `${several ? `${fileLabel(layer.file)}: ` : ""}${cutStart(layerLabel(layer), longest)}`;
      let name = full;
      for (let n = 2; used.has(name); n++) name = `${full} (${n})`;
      used.add(name);
      return [layer, name];
    }),
  );
}

/** A name may be as long as whoever wrote the file wants; of a layer's name the end tells most. */
const longest = 160;

const cutStart = (text: string, length: number) => (text.length <= length ? text : `…${text.slice(1 - length)}`);
