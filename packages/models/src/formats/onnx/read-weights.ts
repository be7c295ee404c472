/**
 * The weights of an ONNX file as neuron matrices.
 *
 * The file is walked once, for names, graphs and where tensors lie; their numbers stay where they are until a weight is
 * asked for. From every operator with neurons the way leads back to the constants it reads.
 */
import { EnergyError, type Kernel, neuronAxes, toNeurons } from "@comhe/core/layouts";
import type { ByteSource } from "../../source/byte-source.js";
import { passingFileSource } from "../../source/file-source.js";
import { filesBeside } from "../../source/folder-on-disk.js";
import { namedBytes } from "../../source/given-files.js";
import { refusePointers } from "../../source/lfs-pointer.js";
import { memorySource } from "../../source/memory-source.js";
import type { Neighbours } from "../../source/neighbours.js";
import { dataTypeName } from "./data-type.js";
import { type Expression, Expressions, isInParts, readPart, sourcesOf } from "./expression.js";
import type { ModelPart, StoredTensor } from "./model-parts.js";
import type { ModelWeight, ModelWeights, UnplacedTensor } from "./model-weights.js";
import { parseModel } from "./parse-model.js";
import { type PlacedWeight, placeWeights } from "./place-weights.js";
import { buildScopes } from "./scope.js";
import { type StoredTensors, storedTensors } from "./stored-tensors.js";
import { type CheckedTensor, checkTensor, type ExternalSources } from "./tensor-data.js";
import { Tracer } from "./trace.js";
import { type Limits, parseSource } from "./wire-cursor.js";

/** An ONNX model: a path or file URL (Node, Bun, Deno), or bytes or a Blob (anywhere). */
export type ModelFile = string | URL | Uint8Array | ArrayBuffer | Blob;

/** Options of {@link readWeights}. */
export interface ReadWeightsOptions {
  /** What messages call the model, where it is bytes or a Blob. */
  readonly name?: string | undefined;
  /** The external data of a model that is bytes or a Blob, by the locations that the model names. Default: none. */
  readonly externalData?: Readonly<Record<string, Uint8Array | ArrayBuffer | Blob>> | undefined;
  /**
   * Folders besides the model's own that links to its external data may lead to: caches of model hubs keep files elsewhere and
   * link to them. Default: none.
   */
  readonly externalFolders?: readonly string[] | undefined;
  /**
   * How much the file may hold at most, so that a hostile one can't fill the memory. Default: two million entries, graphs 64 deep, 200,000 nodes by
   * calls of local functions.
   */
  readonly limits?: Partial<Limits> | undefined;
}

const LIMITS: Limits = { entries: 2_000_000, depth: 64, inlined: 200_000 };

/**
 * Finds which weights an ONNX model has, and where their neurons are. Numbers are read later, one weight at a time, by
 * {@link ModelWeight.kernel}, which gives what `energyAndGradient` takes.
 *
 * @param file a path or file URL (Node, Bun, Deno); bytes or a Blob anywhere
 * @throws EnergyError `invalid-file` where it is damaged, hostile, or not an ONNX file
 */
export async function readWeights(file: ModelFile, options: ReadWeightsOptions = {}): Promise<ModelWeights> {
  const { source, neighbours, hint } = await openFile(file, options);
  return readModelWeights(source, neighbours, options, hint);
}

/** Where the model is, and what is beside it, which isn't closed: it is opened for each read. */
async function openFile(
  file: ModelFile,
  { name = "model", externalData = {}, externalFolders = [] }: ReadWeightsOptions,
) {
  const given = namedBytes(externalData);
  if (!(typeof file === "string" || file instanceof URL)) {
    const hint = (location: string) =>
      `; pass that file's bytes or Blob as \`externalData: { ${JSON.stringify(location)}: … }\``;
    return { source: memorySource(file, name), neighbours: given, hint };
  }
  const beside = filesBeside(file, { folders: externalFolders, openFile: passingFileSource });
  const neighbours: Neighbours = {
    open: async (location) => (await given.open(location)) ?? (await beside.open(location)),
    list: () => beside.list(),
  };
  return { source: await passingFileSource(file), neighbours: refusePointers(neighbours), hint: undefined };
}

/**
 * The same of an opened source. What it opens beside it is the caller's to close, by `opened`.
 *
 * @param hint what to do about external data that isn't there
 * @throws EnergyError `invalid-file`
 */
export async function readModelWeights(
  source: ByteSource,
  neighbours: Neighbours,
  options: { readonly limits?: Partial<Limits> | undefined; readonly opened?: ByteSource[] | undefined } = {},
  hint?: (location: string) => string,
): Promise<ModelWeights> {
  const limits = { ...LIMITS, ...options.limits };
  const model = await parseSource(source, limits, (cursor) => parseModel(cursor, source.size));
  if (model.graph === undefined) {
    throw new EnergyError(
      "invalid-file",
      `${source.name}: expected an ONNX model, got ${source.size} bytes without a graph.`,
    );
  }
  const stored = storedTensors(model);
  const external = await externalSources(source, neighbours, stored, options.opened ?? [], hint);
  const checked = new Map<StoredTensor, CheckedTensor>();
  for (const [tensor, { name }] of stored.dense) {
    tensor.name = name;
    checked.set(tensor, checkTensor(tensor, source, external));
  }
  const bytes = [...external.values()].reduce((total, { size }) => total + size, source.size);
  const tracer = new Tracer(new Expressions(bytes), checked);
  const { weights, used, reasons } = placeWeights(buildScopes(model, source.name, limits), tracer);
  return {
    name: source.name,
    producer: model.producer,
    metadata: model.metadata,
    opsets: model.opsets,
    weights: describeAll(weights),
    unplaced: describeUnplaced(model, stored, checked, used, reasons),
  };
}

async function externalSources(
  source: ByteSource,
  neighbours: Neighbours,
  { dense }: StoredTensors,
  opened: ByteSource[],
  hint: (location: string) => string = () => " beside it, but there is no such file. Put it there",
): Promise<ExternalSources> {
  const sources = new Map<string, ByteSource>();
  for (const { data } of dense.keys()) {
    const location = data.external.get("location");
    if (!data.isExternal || location === undefined || sources.has(location)) continue;
    const found = await neighbours.open(location);
    if (found === undefined) {
      throw new EnergyError("invalid-file", `${source.name}: it keeps weights in "${location}"${hint(location)}.`, {
        location,
      });
    }
    opened.push(found);
    sources.set(location, found);
  }
  return sources;
}

function describeAll(weights: readonly PlacedWeight[]): ModelWeight[] {
  const names = new Set<string>();
  const unique = (name: string, graph: string) => {
    const candidates = [name, graph === "" ? name : `${graph}/${name}`];
    let free = candidates.find((candidate) => !names.has(candidate));
    for (let n = 2; free === undefined; n++) {
      const numbered = `${name} (${n})`;
      if (!names.has(numbered)) free = numbered;
    }
    names.add(free);
    return free;
  };
  return weights.map((weight) => describe(weight, unique));
}

function describe(
  { placed, value, consumers }: PlacedWeight,
  unique: (name: string, graph: string) => string,
): ModelWeight {
  const { expression, shape, layout, part, groups, scaled } = placed;
  const sources = [...sourcesOf(expression)];
  const tensor = sources.length === 1 ? sources[0]!.name : value;
  const { count, dim } = neuronAxes(shape, layout);
  const kernel = async () => ({ data: await readNumbers(placed, 0, count * dim), shape, layout });
  const kernelPart = async (first: number, length: number) => {
    if (first >= 0 && length >= 0 && first + length <= count * dim) return readNumbers(placed, first, length);
    throw new RangeError(`Numbers ${first} to ${first + length} of a kernel that has ${count * dim}.`);
  };
  return {
    name: unique(part === undefined ? tensor : `${tensor} [${part}]`, consumers[0]!.graph),
    tensor,
    part,
    op: consumers[0]!.op,
    consumers,
    dataType: [...new Set(sources.map(({ typeName }) => typeName))].join(", ") || expression.type.name,
    via: operationsOf(expression),
    shape,
    layout,
    count,
    dim,
    groups,
    scaled,
    kernel,
    ...(isInParts(expression) ? { kernelPart } : {}),
    neurons: async () => toNeurons(await kernel()),
  };
}

/** From the stored tensor to the consumer, along the first input. */
function operationsOf(expression: Expression): string[] {
  const operations: string[] = [];
  for (let at: Expression | undefined = expression; at !== undefined && at.tensor === undefined; at = at.inputs[0]) {
    operations.unshift(at.op);
  }
  return operations;
}

/** Numbers `first` … `first + count` of a placed kernel; no more is read than they are made of. */
async function readNumbers(
  { expression, from, factor }: PlacedWeight["placed"],
  first: number,
  count: number,
): Promise<Kernel["data"]> {
  const numbers = await readPart(expression, from + first, count);
  const data = numbers instanceof Float64Array || numbers instanceof Float32Array ? numbers : new Float32Array(numbers);
  return factor === 1 ? data : data.map((number) => number * factor);
}

function describeUnplaced(
  model: ModelPart,
  stored: StoredTensors,
  checked: ReadonlyMap<StoredTensor, CheckedTensor>,
  used: ReadonlySet<CheckedTensor>,
  reasons: ReadonlyMap<CheckedTensor, string>,
): UnplacedTensor[] {
  const outputs = new Set(model.graph!.outputs);
  const unplaced: UnplacedTensor[] = [];
  for (const [tensor, { name, graph }] of stored.dense) {
    const found = checked.get(tensor)!;
    if (used.has(found)) continue;
    const reason =
      reasons.get(found) ?? (graph === "" && outputs.has(name) ? "an output of the model" : "no node reads it");
    unplaced.push({ name, graph, shape: tensor.dims, dataType: found.typeName, reason });
  }
  for (const [tensor, { name, graph }] of stored.sparse) {
    const reason = "a sparse tensor, which isn't read";
    unplaced.push({ name, graph, shape: tensor.dims, dataType: dataTypeName(tensor.dataType), reason });
  }
  return unplaced;
}
