/** A dataset's bytes as numbers. */
import {
  bfloat16,
  float16,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  type NumberType,
  uint8,
  uint16,
  uint32,
  uint64,
} from "../tensors/decode-numbers.js";
import type { NumberArray } from "../tensors/stored-tensor.js";
import type { Hdf5Dataset } from "./hdf5-file.js";

export interface DecodedDataset {
  /** What the type is called where it is shown: "float32". */
  readonly dataType: string;
  readonly floating: boolean;
  read(from: number, count: number): Promise<NumberArray>;
}

const numberTypes: Readonly<Record<string, NumberType>> = Object.fromEntries(
  [float16, float32, float64, bfloat16, int8, uint8, int16, uint16, int32, uint32, int64, uint64].map((type) => [
    type.name,
    type,
  ]),
);

/** `undefined` for what isn't numbers. */
export function decodeDataset({ type, attributes, read }: Hdf5Dataset): DecodedDataset | undefined {
  // HDF5 knows no bfloat16: two bytes without a meaning, as NumPy's extension types are written. Keras says so in "dtype".
  const brain = type.kind === "opaque" && type.size === 2 && (attributes.get("dtype") ?? "bfloat16") === "bfloat16";
  const number = type.kind === "float" || type.kind === "integer";
  const known = brain ? bfloat16 : number && Object.hasOwn(numberTypes, type.name) ? numberTypes[type.name] : undefined;
  if (known === undefined) return undefined;
  const { name, floating, decode } = known;
  return {
    dataType: name,
    floating,
    async read(from, count) {
      const bytes = await read(from, count);
      return decode(type.bigEndian && !brain ? swapped(bytes, type.size) : bytes);
    },
  };
}

function swapped(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(bytes.length);
  for (let n = 0; n < bytes.length; n++) result[n] = bytes[n - (n % size) + size - 1 - (n % size)]!;
  return result;
}
