/** NumPy arrays of bytes inside pickles: the functions by which NumPy rebuilds one, as far as CIFAR-100 needs them. */
import type { PickleGlobals, PickleObject, PickleValue } from "./pickle.js";

/** An array of unsigned bytes, in rows. */
export class ByteArray implements PickleObject {
  shape: readonly number[] = [];
  data = new Uint8Array();

  /** (version, shape, dtype, is it in Fortran's order, bytes) */
  setState(state: PickleValue): void {
    if (!Array.isArray(state) || state.length !== 5) throw new Error("expected a NumPy array, got another state.");
    const [, shape, type, fortran, data] = state;
    this.fill(data!, type!, shape!, fortran === true);
  }

  fill(data: PickleValue, type: PickleValue, shape: PickleValue, fortran: boolean): this {
    if (!(type instanceof DType) || !["u1", "|u1", "uint8"].includes(type.name)) {
      throw new Error(`expected an array of uint8, got ${type instanceof DType ? type.name : "no dtype"}.`);
    }
    const sizes = Array.isArray(shape) ? shape.map(Number) : [];
    const length = sizes.reduce((product, size) => product * size, 1);
    if (!(data instanceof Uint8Array) || data.length !== length || fortran) {
      const got = data instanceof Uint8Array ? `${data.length} bytes` : "no bytes";
      throw new Error(`expected the ${sizes.join(" × ")} bytes of an array by rows, got ${fortran ? "columns" : got}.`);
    }
    this.shape = sizes;
    this.data = data as Uint8Array<ArrayBuffer>;
    return this;
  }
}

class DType implements PickleObject {
  constructor(readonly name: string) {}
  /** Byte order and the like: nothing that bytes have. */
  setState(): void {}
}

const never = { call: () => fail("expected a NumPy array, got a call of its class.") };
const reconstruct = { call: () => new ByteArray() };
const fromBuffer = {
  call: (data: PickleValue = null, type: PickleValue = null, shape: PickleValue = null, order: PickleValue = "C") =>
    new ByteArray().fill(data, type, shape, String(order) === "F"),
};

/** NumPy 2 has moved its insides from `core` to `_core`. */
export const numpyGlobals: PickleGlobals = {
  "numpy.ndarray": never,
  "numpy.dtype": { call: (name = "") => new DType(name instanceof Uint8Array ? latin1(name) : String(name)) },
  "numpy.core.multiarray._reconstruct": reconstruct,
  "numpy._core.multiarray._reconstruct": reconstruct,
  "numpy.core.numeric._frombuffer": fromBuffer,
  "numpy._core.numeric._frombuffer": fromBuffer,
  // How Python 3 writes bytes in protocol 2: as text, to be encoded.
  "_codecs.encode": { call: (text = "", encoding = "") => encodeLatin1(text, encoding) },
};

function encodeLatin1(text: PickleValue, encoding: PickleValue): Uint8Array {
  if (typeof text !== "string" || String(encoding) !== "latin1") fail(`expected bytes as latin1, got ${encoding}.`);
  const source = text as string;
  const bytes = new Uint8Array(source.length);
  for (let n = 0; n < source.length; n++) bytes[n] = source.charCodeAt(n);
  return bytes;
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

function fail(message: string): never {
  throw new Error(message);
}
