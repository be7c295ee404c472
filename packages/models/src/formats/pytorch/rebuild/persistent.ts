/**
 * What a pickle of PyTorch's stores beside itself. A storage is named by a tuple: `("storage", its class, its key, the
 * device, how many numbers)`, and in old files, where it is a part of another one, `(that one's key, first, count)`.
 */
import { PickleProblem } from "../pickle/pickle-cursor.js";
import { PickleGlobal, PickleTuple, type PickleValue } from "../pickle/values.js";
import { isWhole, StorageReference } from "./tensor-reference.js";

const storageTypes: Readonly<Record<string, string>> = {
  DoubleStorage: "float64",
  FloatStorage: "float32",
  HalfStorage: "float16",
  BFloat16Storage: "bfloat16",
  LongStorage: "int64",
  IntStorage: "int32",
  ShortStorage: "int16",
  CharStorage: "int8",
  ByteStorage: "uint8",
  BoolStorage: "bool",
  ComplexFloatStorage: "complex64",
  ComplexDoubleStorage: "complex128",
  QInt8Storage: "qint8",
  QUInt8Storage: "quint8",
  QInt32Storage: "qint32",
  QUInt4x2Storage: "quint4x2",
  QUInt2x4Storage: "quint2x4",
  UntypedStorage: "bytes",
};

/** @throws PickleProblem for what is no storage */
export function storageOf(id: PickleValue): PickleValue {
  const [kind, type, key, , count, part] = id instanceof PickleTuple ? id.items : [];
  // Old files keep the source of a module's class beside its name.
  if (kind === "module" && type instanceof PickleGlobal) return type;
  if (kind !== "storage" || !(type instanceof PickleGlobal)) {
    throw new PickleProblem("its pickle names something stored beside it that is no storage");
  }
  const elementType = Object.hasOwn(storageTypes, type.name) ? storageTypes[type.name]! : undefined;
  if (elementType === undefined || !/^torch(\.cuda|\.storage)?$/.test(type.module)) {
    throw new PickleProblem(`a storage of it is of ${type.path}, which is no class of PyTorch's`);
  }
  if ((typeof key !== "string" && !isWhole(key)) || !isWhole(count)) {
    throw new PickleProblem("a storage of it has no key and length");
  }
  if (!(part instanceof PickleTuple)) return new StorageReference(String(key), elementType, count);
  const [, start, length] = part.items;
  if (!isWhole(start) || !isWhole(length) || start + length > count) {
    throw new PickleProblem(`a storage of it is no part of storage ${String(key)}`);
  }
  return new StorageReference(String(key), elementType, length, start, count);
}
