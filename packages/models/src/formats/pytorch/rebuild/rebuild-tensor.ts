/** The functions of torch/_utils.py that make a tensor of its parts, as far as a tensor is a view of numbers. */
import { PickleProblem } from "../pickle/pickle-cursor.js";
import { PickleDict, PickleGlobal, PickleList, PickleTuple, type PickleValue } from "../pickle/values.js";
import { NumpyArray } from "./numpy-values.js";
import {
  isWhole,
  type Quantizer,
  type ScaleList,
  StorageReference,
  TensorReference,
  type TensorView,
  wholeNumbers,
  withoutNumbers,
} from "./tensor-reference.js";

type Args = readonly PickleValue[];

const calls: Readonly<Record<string, (args: Args) => TensorReference>> = {
  _rebuild_tensor: ([storage, offset, size, stride]) => viewOf(storage, offset, size, stride),
  _rebuild_tensor_v2: ([storage, offset, size, stride, , , metadata]) =>
    withMetadata(viewOf(storage, offset, size, stride), metadata),
  _rebuild_tensor_v3: ([storage, offset, size, stride, , , type, metadata]) =>
    withMetadata(viewOf(storage, offset, size, stride, typeName(type)), metadata),
  _rebuild_parameter: parameter,
  _rebuild_parameter_with_state: parameter,
  _rebuild_qtensor([storage, offset, size, stride, quantizer]) {
    const tensor = viewOf(storage, offset, size, stride);
    const known = quantizerOf(quantizer);
    if (known === undefined) tensor.problem = "quantized in a way that isn't read";
    else tensor.quantizer = known;
    return tensor;
  },
  _rebuild_sparse_tensor: ([layout, data]) =>
    withoutNumbers(sparseShape(data), "sparse", `a sparse tensor${typeof layout === "string" ? ` (${layout})` : ""}`),
  _rebuild_meta_tensor_no_storage: ([type, size]) =>
    withoutNumbers(wholeNumbers(size) ?? [], typeName(type) ?? "unknown", "on the meta device: it has no numbers"),
  _rebuild_nested_tensor: () => withoutNumbers([], "nested", "a nested tensor, whose rows differ in length"),
  _rebuild_wrapper_subclass: ([type, dtype, size]) =>
    withoutNumbers(
      wholeNumbers(size) ?? [],
      typeName(dtype) ?? "unknown",
      `a ${type instanceof PickleGlobal ? type.path : "tensor subclass"}, whose numbers lie elsewhere`,
    ),
  _rebuild_device_tensor_from_numpy: onDevice,
  _rebuild_device_tensor_from_cpu_tensor: onDevice,
  _rebuild_xla_tensor: onDevice,
};

/** The full names of the functions that rebuild tensors. `torch.nn.Parameter` itself is called where it was pickled by an old PyTorch. */
export const tensorCalls: ReadonlySet<string> = new Set([
  ...Object.keys(calls).map((name) => `torch._utils.${name}`),
  "torch.nn.parameter.Parameter",
]);

/**
 * @param path one of `tensorCalls`
 * @throws PickleProblem where the arguments aren't a tensor's
 */
export function rebuildTensor(path: string, args: Args): TensorReference {
  return (calls[path.slice("torch._utils.".length)] ?? parameter)(args);
}

function viewOf(
  storage: PickleValue | undefined,
  offset: PickleValue | undefined,
  size: PickleValue | undefined,
  stride: PickleValue | undefined,
  dataType?: string,
): TensorReference {
  const shape = wholeNumbers(size);
  const strides = wholeNumbers(stride);
  if (!(storage instanceof StorageReference) || !isWhole(offset) || !shape || strides?.length !== shape.length) {
    throw new PickleProblem("a tensor of it has no storage, offset, shape and strides that fit each other");
  }
  return new TensorReference(storage, { dataType, shape, strides, offset } satisfies TensorView);
}

/** Bits that PyTorch sets on a view in place of changing its numbers. */
function withMetadata(tensor: TensorReference, metadata: PickleValue | undefined): TensorReference {
  if (metadata instanceof PickleDict) tensor.negated = metadata.entries.get("neg") === true;
  return tensor;
}

function parameter([data]: Args): TensorReference {
  if (!(data instanceof TensorReference)) throw new PickleProblem("a parameter of it is no tensor");
  const tensor = data.again();
  tensor.isParameter = true;
  return tensor;
}

/** From an accelerator that has no storages; kept as an array or a tensor of the CPU. */
function onDevice([data]: Args): TensorReference {
  const tensor = data instanceof NumpyArray ? data.tensor : data;
  if (!(tensor instanceof TensorReference)) throw new PickleProblem("a tensor of it has no numbers");
  return tensor.again();
}

/** "float8_e4m3fn" for `torch.float8_e4m3fn`. */
function typeName(type: PickleValue | undefined): string | undefined {
  return type instanceof PickleGlobal && type.module === "torch" ? type.name : undefined;
}

/** The size stands last in a sparse tensor's parts, before a flag where there is one. */
function sparseShape(data: PickleValue | undefined): readonly number[] {
  const items = data instanceof PickleTuple ? data.items : [];
  for (const item of [...items].reverse()) {
    const shape = wholeNumbers(item);
    if (shape !== undefined) return shape;
  }
  return [];
}

/** `(scheme, scale, zero point)`, or `(scheme, scales, zero points, axis)`. */
function quantizerOf(params: PickleValue | undefined): Quantizer | undefined {
  const [scheme, scale, zeroPoint, axis] = params instanceof PickleTuple ? params.items : [];
  const name = scheme instanceof PickleGlobal ? scheme.name : "";
  if (/^per_tensor_(affine|symmetric)$/.test(name) && typeof scale === "number" && typeof zeroPoint === "number") {
    return { axis: undefined, scale, zeroPoint };
  }
  const scales = scaleList(scale);
  const zeroPoints = scaleList(zeroPoint);
  if (/^per_channel_(affine|symmetric|affine_float_qparams)$/.test(name) && scales && zeroPoints && isWhole(axis)) {
    return { axis, scales, zeroPoints };
  }
  return undefined;
}

function scaleList(value: PickleValue | undefined): ScaleList | undefined {
  if (value instanceof TensorReference) return value;
  const items = value instanceof PickleList || value instanceof PickleTuple ? value.items : undefined;
  return items?.every((item) => typeof item === "number") ? (items as number[]) : undefined;
}
