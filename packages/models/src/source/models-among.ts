/**
 * Which of the files that somebody hands over are models: dropped on a page, say, one by one or as a folder with folders in it. A file's bytes decide what it
 * is when it is opened; here names decide what is worth opening, since most of what lies in a model's folder isn't a model.
 */
import { formats } from "../formats.js";
import { candidatesIn, isShard, usuallyNamed } from "./choose-file.js";

/** A file that may be a model. */
export interface ModelAmong {
  /** The file's path, one of those given. */
  readonly path: string;
  /** The file's folder with a slash at its end, or "" where it lies in none. What lies in it lies beside the model. */
  readonly folder: string;
  /** Whether it is worth opening: false where another file of the same folder is probably the same model, or this one a part of it. */
  readonly likely: boolean;
}

/** Folders of a SavedModel's own. */
const ofSavedModel = /^(variables|assets|assets\.extra)\//;

/**
 * Finds the models among files by their names.
 *
 * @param paths relative, with forward slashes: of a folder, with its folders; of single files, their names
 * @returns in the order of their folders, outer ones first. Where no name tells a model, every file is likely to be one: opening it says what it is.
 */
export function modelsAmong(paths: readonly string[]): readonly ModelAmong[] {
  const folders = new Map<string, string[]>();
  for (const path of paths) {
    const end = path.lastIndexOf("/") + 1;
    const folder = path.slice(0, end);
    folders.set(folder, [...(folders.get(folder) ?? []), path.slice(end)]);
  }
  const savedModels = [...folders].filter(([, names]) => names.includes("saved_model.pb")).map(([folder]) => folder);
  const found = [...folders]
    .filter(
      ([folder]) => !savedModels.some((own) => folder.startsWith(own) && ofSavedModel.test(folder.slice(own.length))),
    )
    .sort(([a], [b]) => depth(a) - depth(b) || (a < b ? -1 : 1))
    .flatMap(([folder, names]) =>
      inFolder(names, folder !== "").map((each) => ({ ...each, folder, path: folder + each.path })),
    );
  return found.length > 0
    ? found
    : paths.map((path) => ({ path, folder: path.slice(0, path.lastIndexOf("/") + 1), likely: true }));
}

const depth = (folder: string) => folder.split("/").length;

const extensions = formats.flatMap((format) => format.extensions);

/** @param whole whether they are all that a folder holds; single files are meant one by one */
function inFolder(names: readonly string[], whole: boolean): { path: string; likely: boolean }[] {
  const [usual, ...copies] = usuallyNamed(names);
  const all = candidatesIn(names, extensions).filter((name) => !isPart(name, names));
  // A model of a usual name needn't end as its format does.
  const models = usual === undefined || all.includes(usual) ? all : [usual, ...all];
  return models.map((name) => ({
    path: name,
    likely:
      name === usual || (whole && usual !== undefined ? false : !copies.includes(name) && !isLikelyData(name, models)),
  }));
}

/** Another file of the folder is the model that this one is a piece of, or describes. */
function isPart(name: string, names: readonly string[]): boolean {
  if (/\.pb$/.test(name)) return name !== "saved_model.pb" && names.includes("saved_model.pb");
  if (!isShard(name)) return false;
  const first = name.replace(/-\d{5}(-of-\d{5}\.\w+)$/, "-00001$1");
  return (
    names.some((other) => /\.index\.json$/.test(other)) ||
    (/\.gguf$/i.test(name) && name !== first && names.includes(first))
  );
}

/** `.bin` is PyTorch's, and also what TensorFlow.js and ONNX keep their numbers in. */
const isLikelyData = (name: string, models: readonly string[]) =>
  /\.bin$/i.test(name) && models.some((other) => /\.(json|onnx)$/i.test(other));
