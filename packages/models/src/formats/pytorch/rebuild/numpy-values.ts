/**
 * NumPy's arrays, numbers and types in a pickle: an array is made empty and gets its shape, type and bytes as state, a
 * type is made of its code and gets its byte order so. Checkpoints hold both, and a plain pickle's weights may be nothing
 * else.
 */
import { latin1Bytes, PickleProblem } from "../pickle/pickle-cursor.js";
import { PickleTuple, type PickleValue, Rebuilt } from "../pickle/values.js";
import { inlineBytes, StorageReference, TensorReference, wholeNumbers, withoutNumbers } from "./tensor-reference.js";

const names: Readonly<Record<string, string>> = {
  f2: "float16",
  f4: "float32",
  f8: "float64",
  i1: "int8",
  i2: "int16",
  i4: "int32",
  i8: "int64",
  u1: "uint8",
  u2: "uint16",
  u4: "uint32",
  u8: "uint64",
  b1: "bool",
  c8: "complex64",
  c16: "complex128",
};

export class NumpyType extends Rebuilt {
  bigEndian: boolean;

  constructor(readonly code: string) {
    super();
    this.bigEndian = code.startsWith(">");
  }

  /** A key of `elementTypes`, or NumPy's own code where that has no numbers. */
  get elementType(): string {
    const code = this.code.replace(/^[<>=|]/, "");
    return Object.hasOwn(names, code) ? names[code]! : `NumPy's "${code}"`;
  }

  /** `(version, order, …)`. */
  override build(state: PickleValue): void {
    if (state instanceof PickleTuple && state.items[1] === ">") this.bigEndian = true;
  }
}

export class NumpyArray extends Rebuilt {
  #tensor: TensorReference | undefined;

  /** `(version, shape, type, whether in Fortran's order, bytes)`; NumPy before 1.? left the version out. */
  override build(state: PickleValue): void {
    const items = state instanceof PickleTuple ? state.items : [];
    const [shape, type, fortran, data] = items.slice(-4);
    if (items.length < 4 || !(type instanceof NumpyType)) throw new PickleProblem("a NumPy array of it has no state");
    this.#tensor = arrayOf(wholeNumbers(shape), type, fortran === true, data);
  }

  get tensor(): TensorReference {
    return this.#tensor ?? withoutNumbers([], "NumPy array", "an empty NumPy array");
  }
}

/** @throws PickleProblem where shape and bytes don't fit each other */
export function arrayOf(
  shape: readonly number[] | undefined,
  type: NumpyType,
  fortran: boolean,
  data: PickleValue | undefined,
): TensorReference {
  if (shape === undefined) throw new PickleProblem("a NumPy array of it has no shape");
  const { elementType } = type;
  // Python 2 wrote bytes as strings.
  const bytes = typeof data === "string" ? latin1Bytes(data) : data;
  if (!(bytes instanceof Uint8Array)) return withoutNumbers(shape, elementType, "a NumPy array of objects");
  const size = shape.reduce((product, length) => product * length, 1);
  const storage = new StorageReference("in the pickle", elementType, size);
  storage.bytes = inlineBytes(bytes);
  storage.bigEndian = type.bigEndian;
  return new TensorReference(storage, { dataType: undefined, shape, strides: stridesOf(shape, fortran), offset: 0 });
}

/** In numbers; C's order, or Fortran's. */
export function stridesOf(shape: readonly number[], fortran = false): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  const axes = shape.map((_, axis) => axis);
  if (!fortran) axes.reverse();
  let stride = 1;
  for (const axis of axes) {
    strides[axis] = stride;
    stride *= Math.max(1, shape[axis]!);
  }
  return strides;
}
