/**
 * Which file of a folder is the model. Hubs and trainers agree on a few names; where a folder holds the same model in several
 * formats, the one that is read best is taken, and where it holds several models, its user is asked.
 */
import { EnergyError } from "@comhe/core/layouts";

/** The first of these that is there is the model: adapters before what they may be saved beside, indexes before shards. */
const usualNames: readonly RegExp[] = [
  /^adapter_model\.safetensors$/,
  /^adapter_model\.bin$/,
  /^model\.safetensors\.index\.json$/,
  /^model\.safetensors$/,
  /^diffusion_pytorch_model\.safetensors\.index\.json$/,
  /^diffusion_pytorch_model\.safetensors$/,
  /^pytorch_model\.bin\.index\.json$/,
  /^pytorch_model\.bin$/,
  /^diffusion_pytorch_model\.bin$/,
  /^consolidated\.safetensors$/,
  /^model\.json$/,
  /^model\.onnx$/,
];

/** Which of the many .json files beside a model can be a model. */
const jsonModel = /(^|[-_.])(model|manifest|index)\.json$/;

/** Files that lie beside a model and are none: what training keeps, a pipeline's list of its parts, TensorFlow.js' shards, what lies beside a SavedModel's graph. */
const besides =
  /^model_index\.json$|^(fingerprint|keras_metadata)\.pb$|-shard\d+(of\d+)?(\.bin)?$|^metadata\.[ct]sv$|^(training_args|optimizer|scheduler|scaler|rng_state(_\d+)?|random_states_\d+|trainer_state|pytorch_model_fsdp_\d+)\.(bin|pt|pth|pkl)$/;

/** Tables of vectors, which are a folder's model where it holds no network. */
const table = /\.(npy|csv|tsv|vec|[a-z0-9]*vecs|(?:f|u8|i8)bin|parquet|arrows?|feather|ipc)$/;

const shard = /^(.+)-\d{5}-of-\d{5}\.\w+$/;

/** The names by which hubs and trainers keep a model, the best one first; none where a folder follows no such habit. */
export const usuallyNamed = (names: readonly string[]): string[] =>
  usualNames.flatMap((pattern) => names.filter((name) => pattern.test(name)));

/** Files that can be models by their names; tables of vectors only where there is no network. */
export function candidatesIn(names: readonly string[], extensions: readonly string[]): string[] {
  const all = names
    .filter((name) => extensions.some((end) => name.toLowerCase().endsWith(`.${end}`)))
    .filter((name) => !besides.test(name) && (!name.endsWith(".json") || jsonModel.test(name)))
    .sort();
  const networks = all.filter((name) => !table.test(name));
  return networks.length > 0 ? networks : all;
}

/** Whether it is a part of a model, by its name: `model-00001-of-00003.safetensors`. */
export const isShard = (name: string): boolean => shard.test(name);

/**
 * @param folder for messages
 * @param names of the files in it
 * @param extensions of the formats that are read, without the dot
 * @returns one of `names`
 * @throws EnergyError `invalid-file` where there is none, or more than one that could be meant
 */
export function chooseModelFile(folder: string, names: readonly string[], extensions: readonly string[]): string {
  const [usual] = usuallyNamed(names);
  if (usual !== undefined) return usual;
  const models = candidatesIn(names, extensions);
  const indexes = models.filter((name) => name.endsWith(".index.json"));
  if (indexes.length === 1) return indexes[0]!;
  if (models.length === 1) return models[0]!;
  const ask = (problem: string) => new EnergyError("invalid-file", `${folder}: ${problem}`, { files: models });
  if (models.length === 0) {
    throw ask(
      `expected a model's file in the folder, got ${listed([...names].sort()) || "nothing that could be one"}.`,
    );
  }
  if (models.every((name) => shard.test(name)) && new Set(models.map((name) => shard.exec(name)![1])).size === 1) {
    throw ask(`it holds the shards of a model (${listed(models)}), but not their index (….index.json). Put it there.`);
  }
  throw ask(`it holds several models: ${listed(models)}. Name one of them, such as ${join(folder, models[0]!)}.`);
}

const most = 6;

const listed = (names: readonly string[]): string =>
  names.slice(0, most).join(", ") + (names.length > most ? `, and ${names.length - most} more` : "");

const join = (folder: string, name: string): string => `${folder.replace(/[\\/]+$/, "")}/${name}`;
