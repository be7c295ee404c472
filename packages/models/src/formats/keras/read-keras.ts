/** Layers of a Keras file, and of any other HDF5 file. */
import { EnergyError, type FloatArray, type Shape } from "@comhe/core/layouts";
import type { ModelParts } from "../../format.js";
import { decodeDataset } from "../../hdf5/decode-dataset.js";
import { type Hdf5Group, openHdf5 } from "../../hdf5/hdf5-file.js";
import { type LayerSource, type SkippedTensor, sizeOf, whyNoNeurons } from "../../layer-source.js";
import type { ByteSource } from "../../source/byte-source.js";
import type { StoredTensor } from "../../tensors/stored-tensor.js";
import type { ZipEntry } from "../../zip/zip-entry.js";
import { collectLayers, type LayerConfigs } from "./config.js";
import { type KerasPlace, placeVariable } from "./placement.js";
import { isKeras, listVariables, type Variable } from "./variables.js";

const largestConfig = 256 * 2 ** 20;

/** An archive as `model.save("m.keras")` writes it. @throws EnergyError `invalid-file`, `unsupported` */
export async function readKeras(source: ByteSource, entries: readonly ZipEntry[]): Promise<ModelParts> {
  const weights = entries.find(({ name }) => name === "model.weights.h5")!;
  const config = entries.find(({ name }) => name === "config.json");
  const root = await openHdf5({
    name: `${source.name}: ${weights.name}`,
    size: weights.size,
    // A compressed entry would be unpacked from its start at each of many small reads.
    read: weights.stored ? weights.read : wholeOnce(weights),
  });
  let json: unknown;
  if (config !== undefined) {
    if (config.size > largestConfig) {
      throw new EnergyError(
        "invalid-file",
        `${source.name}: its config.json claims ${config.size} bytes; expected at most ${largestConfig}. Save the model again.`,
      );
    }
    json = parse(source, new TextDecoder().decode(await config.read(0, config.size)));
  }
  return placeAll(root, collectLayers(json));
}

function wholeOnce({ size, read }: ZipEntry): ByteSource["read"] {
  let whole: Promise<Uint8Array<ArrayBuffer>> | undefined;
  return async (from, count) => {
    whole ??= read(0, size);
    return (await whole).slice(from, from + count);
  };
}

/** @throws EnergyError `invalid-file`, `unsupported` */
export async function readHdf5(source: ByteSource): Promise<ModelParts> {
  const root = await openHdf5(source);
  if (!isKeras(root)) return bagOf(root);
  const config = root.attributes.get("model_config");
  return placeAll(root, collectLayers(typeof config === "string" ? parse(source, config) : undefined));
}

function parse(source: ByteSource, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new EnergyError(
      "invalid-file",
      `${source.name}: its config isn't JSON (${(error as Error).message}). Save the model again.`,
      {},
      error,
    );
  }
}

function placeAll(root: Hdf5Group, configs: LayerConfigs): ModelParts {
  const layers: LayerSource[] = [];
  const skipped: SkippedTensor[] = [];
  const names = new Set<string>();
  // Numbered variables lie in the alphabet's order; the config has the network's.
  const order = new Map([...configs.keys()].map((name, n) => [name, n] as const));
  const outer = ({ shown }: Variable) => order.get(shown.split("/")[0]!) ?? -1;
  const inner = ({ layerName }: Variable) => order.get(layerName ?? "") ?? -1;
  const variables = listVariables(root).sort((a, b) => outer(a) - outer(b) || inner(a) - inner(b));
  for (const variable of variables) {
    const { dataset, shown, key } = variable;
    const decoded = decodeDataset(dataset);
    const dataType = decoded?.dataType ?? dataset.type.name;
    const place = variable.reason ?? whyNoNeurons(dataset.shape) ?? placeVariable(variable, configs);
    const plainName = joined(shown, typeof place === "string" ? key : place.variable);
    // Two layers of nested models may have one name: their places in the file tell them apart.
    const name = names.has(plainName) ? dataset.path.slice(1) : plainName;
    names.add(name);
    const leaveOut = (reason: string) => skipped.push({ name, shape: dataset.shape, dataType, reason });
    if (typeof place === "string") {
      leaveOut(place);
      continue;
    }
    if (decoded === undefined) {
      leaveOut(`${dataType}, not floating point`);
      continue;
    }
    if (decoded.floating) {
      const read = decoded.read as LayerReader;
      layers.push(...layersOf(name, dataset.shape, dataType, place, read, dataset.inParts));
      continue;
    }
    const dequantized = dequantizedRead(variable, place);
    if (typeof dequantized === "string") leaveOut(dequantized);
    else layers.push(...layersOf(name, dataset.shape, `${dataType} (quantized)`, place, dequantized, dataset.inParts));
  }
  return { layers, skipped };
}

const joined = (shown: string, variable: string) => (shown === "" ? variable : `${shown}/${variable}`);

type LayerReader = (from: number, count: number) => Promise<FloatArray>;

/** The matrix, or one for each gate. */
function layersOf(
  name: string,
  shape: Shape,
  dataType: string,
  { kind, layout, role, note, gates }: KerasPlace,
  read: LayerReader,
  inParts: boolean,
): LayerSource[] {
  const base = { kind, layout, dataType, note };
  if (gates === undefined || gates.length === 1) {
    const parts = inParts ? { readPart: read } : {};
    return [{ ...base, name, role, shape, read: () => read(0, sizeOf(shape)), ...parts }];
  }
  const width = shape.at(-1)!;
  const units = width / gates.length;
  return gates.map((gate, n) => {
    const own = [...shape.slice(0, -1), units];
    const column = async () => {
      const all = await read(0, sizeOf(shape));
      const result = all.slice(0, sizeOf(own));
      for (let row = 0; row < result.length / units; row++) {
        result.set(all.subarray(row * width + n * units, row * width + (n + 1) * units), row * units);
      }
      return result;
    };
    return { ...base, name: `${name} [${gate}]`, role: gate, shape: own, read: column };
  });
}

/**
 * Keras' int8: codes divided by a scale for each output (`model.quantize("int8")`). Directions don't depend on it, norms do.
 * int4 is packed otherwise, in the same type: only the config tells.
 */
function dequantizedRead({ dataset, siblings, key }: Variable, place: KerasPlace): LayerReader | string {
  const type = dataset.type.name;
  const mode = (place.config?.dtype as { config?: { mode?: unknown } } | undefined)?.config?.mode;
  if (type !== "int8") return `${type}, not floating point`;
  if (mode !== "int8") {
    return typeof mode === "string"
      ? `quantized as ${mode}, which isn't read; save the model before quantizing it`
      : "int8 codes, and no config that says how they are packed";
  }
  const count = siblings.size;
  const scale = siblings.get("kernel_scale") ?? siblings.get(String(count - 1));
  const decodedScale = scale && decodeDataset(scale);
  const { shape } = dataset;
  const size = scale ? sizeOf(scale.shape) : 0;
  const first = place.layout === "neurons-first";
  const neurons = first ? shape[0]! : shape.at(-1)!;
  if (!decodedScale?.floating || Number(key) === count - 1 || size !== neurons || shape.length !== 2) {
    return "int8 codes whose scales aren't found";
  }
  const codes = decodeDataset(dataset)!;
  const width = shape[1]!;
  return async (from, length) => {
    const [stored, scales] = await Promise.all([codes.read(from, length), decodedScale.read(0, size)]);
    return Float32Array.from(stored, (code, n) => {
      const at = from + n;
      return code / scales[first ? Math.floor(at / width) : at % width]!;
    });
  };
}

/** Arrays of no known program, for the conventions to place. */
function bagOf(root: Hdf5Group): ModelParts {
  const tensors: StoredTensor[] = [];
  const skipped: SkippedTensor[] = [];
  const visit = ({ groups, datasets }: Hdf5Group) => {
    for (const dataset of datasets.values()) {
      const { path, shape, inParts, type } = dataset;
      const name = path.slice(1);
      const decoded = decodeDataset(dataset);
      if (decoded) tensors.push({ name, shape, inParts, ...decoded });
      else skipped.push({ name, shape, dataType: type.name, reason: `${type.name}, not floating point` });
    }
    for (const group of groups.values()) visit(group);
  };
  visit(root);
  return { tensors, skipped };
}
