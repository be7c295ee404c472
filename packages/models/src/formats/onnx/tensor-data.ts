/** The numbers of one stored tensor: where they are, whether that many can be there, and reading them. */
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { EnergyError } from "@comhe/core/layouts";
import type { ByteSource } from "../../source/byte-source.js";
import { type DataType, dataType, dataTypeName, type Numbers } from "./data-type.js";
import type { Segment, StoredTensor } from "./model-parts.js";

/** A tensor whose shape and place have been checked against the bytes there are. */
export interface CheckedTensor {
  readonly name: string;
  readonly home: StoredTensor["home"];
  readonly shape: readonly number[];
  /** Elements. */
  readonly count: number;
  readonly typeName: string;
  /** `undefined` where the numbers of its type aren't read. */
  readonly type: DataType | undefined;
  /** Stored bytes. */
  readonly bytes: number;
  /** Whether reading a part costs no more than that part; if not, each read costs all of it. */
  readonly inParts: boolean;
  /** All of it, or `count` elements from `from`. @throws EnergyError `invalid-file` */
  readonly read: (from?: number, count?: number) => Promise<Numbers>;
  /** The numbers without a read, where they are so few that they were kept when the file was parsed. */
  readonly kept: () => Numbers | undefined;
}

/** Files of external data by their location. */
export type ExternalSources = ReadonlyMap<string, ByteSource>;

/** @throws EnergyError `invalid-file` where shape and bytes don't fit each other */
export function checkTensor(tensor: StoredTensor, model: ByteSource, external: ExternalSources): CheckedTensor {
  const shown = `tensor "${tensor.name}"`;
  const damaged = (what: string) =>
    new EnergyError("invalid-file", `${model.name}: ${shown} ${what}. The file is damaged; fetch or export it again.`, {
      tensor: tensor.name,
    });
  const count = elements(tensor.dims);
  if (count === undefined) throw damaged(`has the shape [${tensor.dims.join(", ")}]`);
  const type = dataType(tensor.dataType);
  const typeName = dataTypeName(tensor.dataType);
  const common = { name: tensor.name, home: tensor.home, shape: tensor.dims, count, typeName, type };
  if (type === undefined) {
    return {
      ...common,
      bytes: storedBytes(tensor),
      inParts: true,
      read: unreadable(model, shown, typeName),
      kept: () => undefined,
    };
  }
  const bytes = Math.ceil((count * type.bits) / 8);
  const segment = tensor.data.raw ?? plainFloats(tensor, type, count);
  if (!tensor.data.isExternal && segment === undefined) return typed(tensor, type, common, model, damaged);
  const place = tensor.data.isExternal ? externalPlace(tensor, model, external, damaged) : inFile(model, segment!);
  if (place.length !== undefined && place.length !== bytes) {
    throw damaged(`of ${typeName} [${tensor.dims.join(", ")}] needs ${bytes} bytes; ${place.length} are there`);
  }
  const { source, offset } = place;
  if (!(offset + bytes <= source.size)) {
    throw damaged(`needs bytes ${offset} to ${offset + bytes} of ${source.name}, which has ${source.size}`);
  }
  return {
    ...common,
    bytes,
    inParts: true,
    async read(from = 0, length = count) {
      const first = Math.floor((from * type.bits) / 8);
      const last = Math.ceil(((from + length) * type.bits) / 8);
      // Where several share a byte, those before the part are read with it.
      const before = from - (first * 8) / type.bits;
      const numbers = type.decode(await source.read(offset + first, last - first), before + length);
      return before === 0 ? numbers : (numbers.slice(before) as Numbers);
    },
    kept: () => (place.kept === undefined ? undefined : type.decode(place.kept.slice(), count)),
  };
}

/** The product of sizes; `undefined` where one is negative or the product can't be counted. */
export function elements(dims: readonly number[]): number | undefined {
  let count = 1;
  for (const size of dims) {
    if (!(Number.isSafeInteger(size) && size >= 0)) return undefined;
    count *= size;
  }
  return Number.isSafeInteger(count) ? count : undefined;
}

/** Packed float_data and double_data are the numbers' own bytes, as raw_data is. */
function plainFloats({ data }: StoredTensor, type: DataType, count: number): Segment | undefined {
  const segments = data.typed.get(type.field) ?? [];
  const plain = (type.name === "float32" && type.field === 4) || (type.name === "float64" && type.field === 10);
  const [only] = segments;
  const fits = only?.packed && only.length === (count * type.bits) / 8;
  return plain && segments.length === 1 && fits ? only : undefined;
}

interface Place {
  readonly source: ByteSource;
  readonly offset: number;
  /** Where it is known. */
  readonly length: number | undefined;
  readonly kept: Uint8Array<ArrayBuffer> | undefined;
}

function inFile(model: ByteSource, { offset, length, bytes }: Segment): Place {
  return { source: model, offset, length, kept: bytes };
}

function externalPlace(
  tensor: StoredTensor,
  model: ByteSource,
  external: ExternalSources,
  damaged: (what: string) => EnergyError,
): Place {
  const location = tensor.data.external.get("location") ?? "";
  const source = external.get(location);
  if (source === undefined) throw damaged(`has external data at "${location}", which ${model.name} doesn't name`);
  const offset = wholeNumber(tensor.data.external.get("offset") ?? "0");
  const written = tensor.data.external.get("length");
  const length = written === undefined ? undefined : wholeNumber(written);
  if (offset === undefined || (written !== undefined && length === undefined)) {
    throw damaged("has external data with an offset or a length that isn't a whole number");
  }
  return { source, offset, length, kept: undefined };
}

function wholeNumber(text: string): number | undefined {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

function storedBytes({ data }: StoredTensor): number {
  const segments = [...data.typed.values()].flat();
  return (data.raw?.length ?? 0) + segments.reduce((total, { length }) => total + length, 0);
}

function unreadable(model: ByteSource, shown: string, typeName: string) {
  return async () => {
    throw new EnergyError("unsupported", `${model.name}: ${shown} is of ${typeName}, whose numbers aren't read.`);
  };
}

/** Numbers in a typed field of TensorProto: packed, or one by one with their tags. */
function typed(
  tensor: StoredTensor,
  type: DataType,
  common: Pick<CheckedTensor, "name" | "home" | "shape" | "count" | "typeName" | "type">,
  model: ByteSource,
  damaged: (what: string) => EnergyError,
): CheckedTensor {
  const segments = tensor.data.typed.get(type.field) ?? [];
  const bytes = segments.reduce((total, { length }) => total + length, 0);
  // What a value takes at least, so that nothing is allocated for numbers that can't be there. Small types share one.
  const values = type.bits < 8 ? Math.ceil((common.count * type.bits) / 8) : common.count;
  const least = type.field === 4 ? 4 : type.field === 10 ? 8 : 1;
  const short = (there: string) =>
    damaged(`of ${common.typeName} [${tensor.dims.join(", ")}] needs ${values} values; ${there}`);
  if (values * least > bytes) throw short(`${bytes} bytes are there`);
  const decode = (parts: readonly Uint8Array<ArrayBuffer>[]): Numbers => {
    const numbers = new Float64Array(values);
    let found = 0;
    parts.forEach((part, n) => {
      const reader = new BinaryReader(part);
      while (reader.pos < reader.len) {
        if (!segments[n]!.packed) reader.tag();
        const value = readValue(reader, type.field);
        if (found < values) numbers[found] = value;
        found++;
      }
    });
    if (found !== values) throw short(`${found} are there`);
    return fromValues(numbers, type, common.count);
  };
  const guarded = (parts: readonly Uint8Array<ArrayBuffer>[]): Numbers => {
    try {
      return decode(parts);
    } catch (error) {
      if (EnergyError.isInstance(error)) throw error;
      throw damaged(`has numbers that can't be read (${(error as Error).message})`);
    }
  };
  return {
    ...common,
    bytes,
    inParts: false,
    async read(from = 0, length = common.count) {
      const parts = await Promise.all(segments.map((part) => part.bytes ?? model.read(part.offset, part.length)));
      return guarded(parts).slice(from, from + length) as Numbers;
    },
    kept() {
      const parts = segments.map((part) => part.bytes);
      return parts.every((part) => part !== undefined) ? guarded(parts) : undefined;
    },
  };
}

function readValue(reader: BinaryReader, field: number): number {
  switch (field) {
    case 4:
      return reader.float();
    case 10:
      return reader.double();
    case 11:
      return Number(reader.uint64());
    default:
      return Number(reader.int64());
  }
}

/** Small types are written as whole numbers, float16 and bfloat16 as their bits. */
function fromValues(values: Float64Array<ArrayBuffer>, type: DataType, count: number): Numbers {
  if (type.bits === 64) return values;
  if (type.field === 4) return Float32Array.from(values);
  const width = type.bits < 8 ? 1 : type.bits / 8;
  const words =
    width === 1 ? Uint8Array.from(values) : width === 2 ? Uint16Array.from(values) : Uint32Array.from(values);
  return type.decode(new Uint8Array(words.buffer), count);
}
