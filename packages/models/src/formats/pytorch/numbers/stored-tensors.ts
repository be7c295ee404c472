/**
 * Tensors of a pickle as the bare arrays that conventions place: each is checked against its storage, and what can't be
 * read is left out with the reason.
 */
import { EnergyError } from "@comhe/core/layouts";
import { type SkippedTensor, sizeOf } from "../../../layer-source.js";
import type { NumberType } from "../../../tensors/decode-numbers.js";
import type { NumberArray, StoredTensor } from "../../../tensors/stored-tensor.js";
import type { View } from "../../../tensors/strided.js";
import { type ReadRange, readView } from "../../../tensors/view-reader.js";
import {
  type Quantizer,
  type ScaleList,
  StorageReference,
  type TensorReference,
  type TensorView,
} from "../rebuild/tensor-reference.js";
import { elementTypes, swapBytes, whyUnread } from "./element-types.js";

/** What the weights' search says of a tensor. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: TensorReference;
  readonly note?: string | undefined;
}

/** An expanded tensor repeats its numbers; more of them than this come from no training. */
const mostRepeated = 2 ** 20;

/**
 * @param path of the file, for messages
 * @throws EnergyError `invalid-file` where a tensor doesn't lie in its storage
 */
export function storedTensor({ name, tensor, note }: NamedTensor, path: string): StoredTensor | SkippedTensor {
  const { shape } = tensor.view;
  const { dataType } = tensor;
  const leftOut = (reason: string): SkippedTensor => ({ name, shape, dataType, reason });
  if (tensor.problem !== undefined) return leftOut(tensor.problem);
  const element = Object.hasOwn(elementTypes, dataType) ? elementTypes[dataType]! : undefined;
  if (element === undefined) return leftOut(whyUnread(dataType));
  const numbers = viewNumbers(tensor, element, `${path}: tensor "${name}"`);
  if (typeof numbers === "string") return leftOut(numbers);
  const { quantizer } = tensor;
  if (quantizer === undefined && /^q/.test(dataType)) return leftOut(`${dataType} codes without their scale`);
  const dequantize = quantizer && dequantizer(quantizer, shape, path, name);
  return {
    name,
    shape,
    dataType: quantizer ? `${dataType} (quantized)` : dataType,
    floating: quantizer !== undefined || element.floating,
    inParts: true,
    note,
    async read(from, count) {
      const values = await numbers(from, count);
      return dequantize ? dequantize(values, from) : values;
    },
  };
}

/**
 * Row-major numbers of a view over its storage, or the reason why they aren't read.
 *
 * @throws EnergyError `invalid-file`
 */
function viewNumbers(tensor: TensorReference, element: NumberType, what: string): ReadRange | string {
  const { storage, view, negated } = tensor;
  if (!(storage instanceof StorageReference)) return "it has no storage";
  const damaged = (problem: string) => new EnergyError("invalid-file", `${what} ${problem}.`);
  const room = storageNumbers(storage, element);
  const end = viewEnd(view);
  const bytes = storage.bytes;
  if (bytes === undefined) throw damaged(`lies in storage ${storage.key}, which the file doesn't hold`);
  if (end > room) throw damaged(`ends at number ${end} of storage ${storage.key}, which has ${room}`);
  const held = Math.floor(bytes.size / element.bytes);
  if (storage.start + room > held) {
    throw damaged(
      `lies in storage ${storage.key}, of which ${storage.start + room} numbers are claimed and ${held} stored`,
    );
  }
  const size = sizeOf(view.shape);
  if (size > room && size > mostRepeated) return `it repeats ${room} stored numbers to ${size}`;
  const stored: ReadRange = async (from, count) => {
    const raw = await bytes.read((storage.start + from) * element.bytes, count * element.bytes);
    if (storage.bigEndian) swapBytes(raw, element.bytes);
    return element.decode(raw);
  };
  const strided: View = { sizes: view.shape, steps: view.strides, offset: view.offset };
  const read: ReadRange = isContiguous(strided)
    ? (from, count) => stored(view.offset + from, count)
    : (from, count) => readView(strided, from, count, stored);
  if (!negated) return read;
  return async (from, count) => (await read(from, count)).map((value) => -value);
}

/** One more than the last number that a view touches. */
function viewEnd({ shape, strides, offset }: TensorView): number {
  if (shape.includes(0)) return offset;
  return shape.reduce((end, size, axis) => end + (size - 1) * strides[axis]!, offset) + 1;
}

/** Whether the view's order is that of the storage, without gaps. */
function isContiguous({ sizes, steps }: View): boolean {
  let expected = 1;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    if (sizes[axis] === 1) continue;
    if (steps[axis] !== expected) return false;
    expected *= sizes[axis]!;
  }
  return true;
}

/** An untyped storage counts bytes. */
function storageNumbers(storage: StorageReference, element: NumberType): number {
  return storage.elementType === "bytes" ? Math.floor(storage.count / element.bytes) : storage.count;
}

type Dequantize = (codes: NumberArray, from: number) => Promise<Float32Array>;

/** (q − zeroPoint)·scale, in float64 and then rounded once. Krishnamoorthi 2018 (arXiv 1806.08342), eq. 4. */
function dequantizer(quantizer: Quantizer, shape: readonly number[], path: string, name: string): Dequantize {
  if (quantizer.axis === undefined) {
    const { scale, zeroPoint } = quantizer;
    return async (codes) => Float32Array.from(codes, (code) => (code - zeroPoint) * scale);
  }
  const { axis } = quantizer;
  const length = shape[axis];
  if (length === undefined) {
    throw new EnergyError(
      "invalid-file",
      `${path}: tensor "${name}" is quantized along axis ${axis}, which it hasn't.`,
    );
  }
  const inner = sizeOf(shape.slice(axis + 1));
  let lists: Promise<[ArrayLike<number>, ArrayLike<number>]> | undefined;
  return async (codes, from) => {
    lists ??= Promise.all([
      scaleNumbers(quantizer.scales, length, path, `${name}, scales`),
      scaleNumbers(quantizer.zeroPoints, length, path, `${name}, zero points`),
    ]);
    const [scales, zeroPoints] = await lists;
    const result = new Float32Array(codes.length);
    for (let n = 0; n < result.length; n++) {
      const channel = Math.floor((from + n) / inner) % length;
      result[n] = (codes[n]! - zeroPoints[channel]!) * scales[channel]!;
    }
    return result;
  };
}

async function scaleNumbers(list: ScaleList, length: number, path: string, name: string): Promise<ArrayLike<number>> {
  if (Array.isArray(list)) {
    if (list.length === length) return list;
  } else {
    const stored = storedTensor({ name, tensor: list as TensorReference }, path);
    if ("read" in stored && sizeOf(stored.shape) === length) return stored.read(0, length);
  }
  throw new EnergyError("invalid-file", `${path}: tensor "${name}" don't fit: expected ${length} of them.`);
}
