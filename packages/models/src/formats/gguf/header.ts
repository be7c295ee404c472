/**
 * The header of a GGUF file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): "GGUF", a version, two counts, the
 * metadata, and for each tensor its name, sizes, type and place. Everything it claims is checked against the file's size
 * before a byte of a tensor is used.
 */
import { EnergyError, type Shape } from "@comhe/core/layouts";
import { sizeOf } from "../../layer-source.js";
import type { ByteSource } from "../../source/byte-source.js";
import { HeaderCursor } from "../../source/header-cursor.js";
import { damaged } from "./damaged.js";
import { type MetadataValue, readMetadata, readText } from "./metadata.js";
import { formerTypes, type GgmlType, ggmlTypes } from "./types.js";

export interface GgufHeader {
  readonly metadata: ReadonlyMap<string, MetadataValue>;
  readonly tensors: readonly GgufTensor[];
}

export interface GgufTensor {
  readonly name: string;
  /** Outermost axis first, as in NumPy; the file has it the other way round. */
  readonly shape: Shape;
  /** `undefined` where the type's layout isn't known; `typeName` is known in any case. */
  readonly type: GgmlType | undefined;
  readonly typeName: string;
  /** In the file. */
  readonly offset: number;
}

const mostTensors = 1_000_000;
const deepest = 8;
const defaultAlignment = 32;

/** @throws EnergyError `invalid-file` where it is damaged; `unsupported` for version 1 and big-endian files */
export async function readHeader(source: ByteSource): Promise<GgufHeader> {
  const cursor = new HeaderCursor(source, (problem) => damaged(source, problem));
  await cursor.need(24);
  cursor.skip(4);
  const version = cursor.uint32();
  if (version !== 2 && version !== 3) throw wrongVersion(source, version);
  const tensorCount = cursor.uint64();
  const metadataCount = cursor.uint64();
  const metadata = await readMetadata(source, cursor, metadataCount);
  // A tensor takes 24 bytes at least.
  if (tensorCount > mostTensors || tensorCount * 24 > cursor.left) {
    throw damaged(source, `it claims ${tensorCount} tensors in ${cursor.left} bytes`);
  }
  const entries: GgufTensor[] = [];
  const names = new Set<string>();
  for (let n = 0; n < tensorCount; n++) {
    const entry = await readTensor(source, cursor);
    if (names.has(entry.name)) throw damaged(source, `two tensors are named "${entry.name}"`);
    names.add(entry.name);
    entries.push(entry);
  }
  const alignment = metadata.get("general.alignment") ?? defaultAlignment;
  if (typeof alignment !== "number" || !Number.isInteger(alignment) || alignment < 1 || alignment > 2 ** 20) {
    throw damaged(
      source,
      `general.alignment is ${String(alignment)}; expected a whole number of bytes from 1 to ${2 ** 20}`,
    );
  }
  const start = Math.ceil(cursor.position / alignment) * alignment;
  return { metadata, tensors: placeTensors(source, entries, start, alignment) };
}

async function readTensor(source: ByteSource, cursor: HeaderCursor): Promise<GgufTensor> {
  const name = await readText(source, cursor, 65_535);
  await cursor.need(4);
  const rank = cursor.uint32();
  if (rank > deepest) throw damaged(source, `tensor "${name}" has ${rank} axes; expected at most ${deepest}`);
  await cursor.need(rank * 8 + 12);
  const shape = Array.from({ length: rank }, () => cursor.uint64()).reverse();
  const typeNumber = cursor.uint32();
  const offset = cursor.uint64();
  const type = ggmlTypes.get(typeNumber);
  const typeName = type?.name ?? formerTypes.get(typeNumber) ?? `ggml type ${typeNumber}`;
  if (!Number.isSafeInteger(sizeOf(shape)))
    throw damaged(source, `tensor "${name}" claims shape [${shape.join(", ")}]`);
  const innermost = shape.at(-1) ?? 1;
  if (type && innermost % type.numbers !== 0) {
    throw damaged(
      source,
      `tensor "${name}" has ${innermost} numbers along its innermost axis; ${typeName} expects a multiple of ${type.numbers}`,
    );
  }
  return { name, shape, type, typeName, offset };
}

/** Checks that tensors lie in the file, aligned and apart from each other, and turns their offsets into the file's. */
function placeTensors(
  source: ByteSource,
  entries: readonly GgufTensor[],
  start: number,
  alignment: number,
): GgufTensor[] {
  const room = Math.max(0, source.size - start);
  const spans: { name: string; from: number; to: number }[] = [];
  const result = entries.map((entry): GgufTensor => {
    const { name, shape, type, offset } = entry;
    if (offset % alignment !== 0) {
      throw damaged(source, `tensor "${name}" begins at ${offset}, which isn't a multiple of ${alignment}`);
    }
    const bytes = type ? (sizeOf(shape) / type.numbers) * type.bytes : 0;
    if (!Number.isSafeInteger(bytes) || offset + bytes > room) {
      throw damaged(
        source,
        `tensor "${name}" claims bytes ${offset} to ${offset + bytes} of ${room}: the file is cut short or altered`,
      );
    }
    if (bytes > 0) spans.push({ name, from: offset, to: offset + bytes });
    return { ...entry, offset: start + offset };
  });
  spans.sort((a, b) => a.from - b.from);
  for (let n = 1; n < spans.length; n++) {
    const before = spans[n - 1]!;
    const next = spans[n]!;
    if (next.from < before.to) throw damaged(source, `tensors "${before.name}" and "${next.name}" overlap`);
  }
  return result;
}

function wrongVersion(source: ByteSource, version: number): EnergyError {
  const swapped = ((version & 0xff) << 24) | ((version & 0xff00) << 8) | ((version >>> 8) & 0xff00) | (version >>> 24);
  if (swapped >= 1 && swapped <= 16) {
    return new EnergyError(
      "unsupported",
      `${source.name}: a big-endian GGUF file, which isn't read. Convert it with gguf_convert_endian.py of llama.cpp.`,
    );
  }
  const advice =
    version === 1
      ? "It was written before September 2023: convert the model again with a newer llama.cpp."
      : "Convert the model with a llama.cpp that writes version 3, or look for a newer version of this package.";
  return new EnergyError("unsupported", `${source.name}: GGUF version ${version}; expected 2 or 3. ${advice}`);
}
