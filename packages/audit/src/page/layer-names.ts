/** Labels for pictures: short, unique, and telling. */
import type { LayerAudit } from "../layer/layer-audit.js";
import { printable } from "../text/format-number.js";

export type Names = ReadonlyMap<LayerAudit, string>;

const longest = 48;

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
      const own = printable(layer.layer);
      const file = several ? `${cutMiddle(fileLabel(layer.file), Math.max(12, longest - own.length - 2))}: ` : "";
      const full = file + cutStart(own, longest - file.length);
      let name = full;
      for (let n = 2; used.has(name); n++) name = `${full} (${n})`;
      used.add(name);
      return [layer, name];
    }),
  );
}

/** Of a layer's name the end tells most. */
export const cutStart = (text: string, length: number) => (text.length <= length ? text : `…${text.slice(1 - length)}`);

const cutMiddle = (text: string, length: number) =>
  text.length <= length
    ? text
    : `${text.slice(0, Math.ceil((length - 1) / 2))}…${text.slice(text.length - Math.floor((length - 1) / 2))}`;

/** Pixels that the longest label takes beside an axis. */
export function labelRoom(labels: readonly string[]): number {
  return Math.min(380, 24 + 7.5 * Math.max(...labels.map(({ length }) => length)));
}
