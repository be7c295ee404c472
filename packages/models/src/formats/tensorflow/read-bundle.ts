/** The variables of a checkpoint as bare arrays: the index says where each lies in the files of data beside it. */
import { EnergyError } from "@comhe/core/layouts";
import type { ModelParts, ReadContext } from "../../format.js";
import { type SkippedTensor, sizeOf } from "../../layer-source.js";
import type { ByteSource } from "../../source/byte-source.js";
import { notSound } from "../../source/not-sound.js";
import * as numbers from "../../tensors/decode-numbers.js";
import type { StoredTensor } from "../../tensors/stored-tensor.js";
import { Bytes, readTable } from "./table.js";
import { graphKey, largestGraph, type NamedKey, nameKeys, namesInGraph } from "./variable-names.js";

/** By their numbers in types.proto. */
const types: Readonly<Record<number, numbers.NumberType>> = {
  1: numbers.float32,
  2: numbers.float64,
  3: numbers.int32,
  4: numbers.uint8,
  5: numbers.int16,
  6: numbers.int8,
  9: numbers.int64,
  10: numbers.bool,
  14: numbers.bfloat16,
  17: numbers.uint16,
  19: numbers.float16,
  22: numbers.uint32,
  23: numbers.uint64,
};
const STRING = 7;
const mostShards = 10_000;

interface Variable {
  readonly type: number;
  readonly shape: readonly number[];
  readonly shard: number;
  readonly offset: number;
  readonly size: number;
  /** Stored in several parts, each under a key of its own. */
  readonly sliced: boolean;
}

/** @throws EnergyError `invalid-file` */
export async function readBundle(source: ByteSource, { neighbours }: ReadContext): Promise<ModelParts> {
  const opened: ByteSource[] = [];
  const close = async () => void (await Promise.all(opened.map((file) => file.close?.())));
  try {
    const base = source.name
      .replace(/[?#].*$/, "")
      .split(/[\\/]/)
      .at(-1)!;
    const whole = !/\.index$/i.test(base);
    const prefix = whole ? "variables/variables" : base.replace(/\.index$/i, "");
    let index = source;
    if (whole) {
      const found = await neighbours.open(`${prefix}.index`);
      if (found === undefined) {
        throw new EnergyError(
          "invalid-file",
          `${source.name}: a SavedModel whose variables aren't beside it. Expected ${prefix}.index: keep its folder whole, or convert it: ` +
            "python -m tf2onnx.convert --saved-model FOLDER --output model.onnx.",
        );
      }
      opened.push(found);
      index = found;
    }
    const fail = (problem: string) => notSound(index.name, "index of TensorFlow's", problem);
    const entries = await readTable(index, fail);
    const header = entries.find(({ key }) => key === "");
    if (header === undefined) throw fail("it has no header");
    let shards = 1;
    for (const [field, value] of new Bytes(header.value, fail).fields()) {
      if (field === 1 && typeof value === "number") shards = value;
      if (field === 2 && value === 1)
        throw new EnergyError("unsupported", `${index.name}: big-endian variables, which aren't read.`);
    }
    if (shards < 1 || shards > mostShards) throw fail(`it claims ${shards} files of data`);
    const shardOf = shardOpener(neighbours, prefix, shards, index, opened);
    const parts = { tensors: [] as StoredTensor[], skipped: [] as SkippedTensor[] };
    const variables = entries
      .filter(({ key }) => key !== "")
      .map(({ key, value }) => ({ key: key.replace(ending, ""), variable: parseVariable(value, fail) }))
      .sort((a, b) => inOrder.compare(a.key, b.key));
    const graph = variables.find(({ key }) => key === graphKey)?.variable;
    const names = nameKeys(
      variables.map(({ key, variable: { type, shape } }) => ({ key, what: `${type} ${shape}` })),
      graph === undefined ? new Map() : await readNames(graph, shardOf),
    );
    const keys = new Set(variables.map(({ key }) => key));
    for (const { key, variable } of variables) {
      const averaged = key.endsWith(average) ? key.slice(0, -average.length) : undefined;
      const averageOf = averaged !== undefined && keys.has(averaged) ? averaged : undefined;
      await addVariable(key, { name: key, averageOf, ...names.get(key) }, variable, shardOf, parts, fail);
    }
    return { ...parts, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const slots =
  "Adam|adam_m|adam_v|AdamWeightDecay|LAMB|LARSOptimizer|Momentum|RMSProp|Adagrad|Adadelta|Ftrl|GradientDescent|Nadam|Adamax|AMSGrad";
/** What optimizers keep of a variable lies below it, by their names; in Keras' own checkpoints it is marked. */
const ofOptimizer = new RegExp(`\\.OPTIMIZER_SLOT|^(optimizer|_?optimizer/.*)$|^optimizer/|/(${slots})(_\\d+)?$`);
const average = "/ExponentialMovingAverage";

/** What every key of a variable ends with. */
const ending = /\/\.ATTRIBUTES\/VARIABLE_VALUE$/;
/** "variables/10" after "variables/9". */
const inOrder = new Intl.Collator("en", { numeric: true });

async function readNames(
  { type, shape, shard, offset, size }: Variable,
  shardOf: (shard: number) => Promise<ByteSource>,
): Promise<Map<string, string>> {
  if (type !== STRING || shape.length > 0 || size > largestGraph) return new Map();
  const file = await shardOf(shard);
  if (offset + size > file.size) return new Map();
  const names = namesInGraph(await file.read(offset, size));
  return new Map([...names].map(([key, name]) => [key.replace(ending, ""), name]));
}

/** Files of data are opened when the first variable lies in them. */
function shardOpener(
  neighbours: ReadContext["neighbours"],
  prefix: string,
  count: number,
  index: ByteSource,
  opened: ByteSource[],
): (shard: number) => Promise<ByteSource> {
  const shards = new Map<number, Promise<ByteSource>>();
  const padded = (number: number) => String(number).padStart(5, "0");
  const open = async (shard: number) => {
    const name = `${prefix}.data-${padded(shard)}-of-${padded(count)}`;
    const file = await neighbours.open(name);
    if (file === undefined) {
      throw new EnergyError("invalid-file", `${index.name}: its data aren't beside it; expected ${name}.`);
    }
    opened.push(file);
    return file;
  };
  return (shard) => {
    if (!shards.has(shard)) shards.set(shard, open(shard));
    return shards.get(shard)!;
  };
}

function parseVariable(bytes: Uint8Array, fail: (problem: string) => Error): Variable {
  const result = { type: 0, shape: [] as number[], shard: 0, offset: 0, size: 0, sliced: false };
  for (const [field, value] of new Bytes(bytes, fail).fields()) {
    if (field === 2 && typeof value === "object") result.shape = parseShape(value, fail);
    else if (field === 7) result.sliced = true;
    else if (typeof value === "number") {
      if (field === 1) result.type = value;
      if (field === 3) result.shard = value;
      if (field === 4) result.offset = value;
      if (field === 5) result.size = value;
    }
  }
  return result;
}

function parseShape(bytes: Uint8Array, fail: (problem: string) => Error): number[] {
  const shape: number[] = [];
  for (const [field, value] of new Bytes(bytes, fail).fields()) {
    if (field !== 2 || typeof value !== "object") continue;
    let size = 0;
    for (const [inner, number] of new Bytes(value, fail).fields())
      if (inner === 1 && typeof number === "number") size = number;
    shape.push(size);
  }
  if (shape.length > 32 || !Number.isSafeInteger(sizeOf(shape)))
    throw fail(`a variable claims shape [${shape.join(", ")}]`);
  return shape;
}

async function addVariable(
  key: string,
  { name, copyOf, averageOf }: NamedKey & { readonly averageOf: string | undefined },
  { type, shape, shard, offset, size, sliced }: Variable,
  shardOf: (shard: number) => Promise<ByteSource>,
  { tensors, skipped }: { tensors: StoredTensor[]; skipped: SkippedTensor[] },
  fail: (problem: string) => Error,
): Promise<void> {
  const known = types[type];
  const dataType = known?.name ?? (type === STRING ? "string" : `type ${type}`);
  const leaveOut = (reason: string) => skipped.push({ name, shape, dataType, reason });
  if (ofOptimizer.test(key)) {
    leaveOut("state of the optimizer, not a weight");
  } else if (averageOf !== undefined) {
    leaveOut(`an averaged copy of "${averageOf}"`);
  } else if (/^keras_api\/metrics\//.test(key)) leaveOut("a metric's count, not a weight");
  else if (copyOf !== undefined) leaveOut(`the variable "${copyOf}" once more`);
  else if (known === undefined) leaveOut(type === STRING ? "text" : `${dataType}, not floating point`);
  else if (sliced) leaveOut("stored in slices, which aren't read; save the model without partitioned variables");
  else {
    if (size !== sizeOf(shape) * known.bytes)
      throw fail(`"${name}" of shape [${shape.join(", ")}] has ${size} bytes; expected ${sizeOf(shape) * known.bytes}`);
    const file = await shardOf(shard);
    if (offset + size > file.size)
      throw fail(`"${name}" ends at byte ${offset + size} of ${file.name}, which has ${file.size}`);
    const { bytes, floating, decode } = known;
    tensors.push({
      name,
      shape,
      dataType,
      floating,
      inParts: true,
      neuronsLast: true,
      read: async (from, count) => decode(await file.read(offset + from * bytes, count * bytes)),
    });
  }
}
