/** Labels for pictures: unique, and telling. Pages wrap what is long. */
import type { LayerAudit } from "../layer/layer-audit.js";
import { printable } from "../text/format-number.js";
import { layerLabel } from "../text/layer-label.js";

export type Names = ReadonlyMap<LayerAudit, string>;

/** What a file is called on a page. */
export type FileLabel = (path: string) => string;

/** Paths without what all paths have, and yet no two of them alike: where their names are, with their endings, and else with their folders. */
export function fileLabels(paths: readonly string[]): FileLabel {
  const all = [...new Set(paths)];
  const labels = new Map<string, string>();
  for (const labelOf of [shortLabel, nameOf]) {
    const left = all.filter((path) => !labels.has(path));
    const made = left.map(labelOf);
    left.forEach((path, n) => {
      if (made.indexOf(made[n]!) === made.lastIndexOf(made[n]!)) labels.set(path, made[n]!);
    });
  }
  return (path) => labels.get(path) ?? printable(path);
}

const partsOf = (path: string) => path.split(/[\\/]/).map(printable).reverse();

/** Without folders and ending; of names like `model.json` the folder stands for it. */
function shortLabel(path: string): string {
  const [file = "", folder = ""] = partsOf(path);
  const base = file.replace(/\.\w+$/, "").replace(/[-_](model-)?weights_manifest$/, "");
  return /^(model|saved_model|weights|weights_manifest)$/.test(base) && folder !== "" ? folder : base;
}

const nameOf = (path: string) => partsOf(path)[0]!;

/** The file's label before the layer's name where there are several files. */
export function layerNames(layers: readonly LayerAudit[], label: FileLabel): Names {
  const several = new Set(layers.map(({ file }) => file)).size > 1;
  const used = new Set<string>();
  return new Map(
    layers.map((layer) => {
      const full = `${several ? `${label(layer.file)}: ` : ""}${cutStart(layerLabel(layer), longest)}`;
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
