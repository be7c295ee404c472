/**
 * safetensors: eight bytes of header length, a JSON header that says where each tensor lies, then the tensors' bytes.
 * Everything the header claims is checked against the file's size before a byte of it is used.
 */
import { EnergyError, type Shape } from "@comhe/core/layouts";
import { configFromMetadata } from "../../conventions/metadata-config.js";
import type { ModelParts } from "../../format.js";
import { sizeOf } from "../../layer-source.js";
import type { ByteSource } from "../../source/byte-source.js";
import { notSound } from "../../source/not-sound.js";
import * as numbers from "../../tensors/decode-numbers.js";
import { isShape, isWhole } from "../../tensors/is-shape.js";
import type { StoredTensor } from "../../tensors/stored-tensor.js";

/** The format's own limit. */
const largestHeader = 100_000_000;

const types: Readonly<Record<string, numbers.NumberType>> = {
  F64: numbers.float64,
  F32: numbers.float32,
  F16: numbers.float16,
  BF16: numbers.bfloat16,
  F8_E4M3: numbers.float8e4m3,
  F8_E5M2: numbers.float8e5m2,
  F8_E4M3FNUZ: numbers.float8e4m3fnuz,
  F8_E5M2FNUZ: numbers.float8e5m2fnuz,
  F8_E8M0: numbers.float8e8m0,
  I64: numbers.int64,
  U64: numbers.uint64,
  I32: numbers.int32,
  U32: numbers.uint32,
  I16: numbers.int16,
  U16: numbers.uint16,
  I8: numbers.int8,
  U8: numbers.uint8,
  BOOL: numbers.bool,
};

/** @throws EnergyError `invalid-file` */
export async function readSafetensors(file: ByteSource): Promise<ModelParts> {
  const { header, start } = await readHeader(file);
  const room = file.size - start;
  const metadata = (header as Record<string, unknown>).__metadata__;
  const tensors: StoredTensor[] = [];
  const spans: { name: string; from: number; to: number }[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { dtype, shape, from, to } = readEntry(file, name, value);
    if (from > to || to > room) {
      throw damaged(file, `tensor "${name}" claims bytes ${from} to ${to} of ${room}. It is cut short or altered`);
    }
    spans.push({ name, from, to });
    const type = Object.hasOwn(types, dtype) ? types[dtype] : undefined;
    if (type === undefined) {
      tensors.push({
        name,
        shape,
        dataType: dtype,
        floating: false,
        inParts: false,
        read: () => unknownType(file, name, dtype),
      });
      continue;
    }
    const expected = sizeOf(shape) * type.bytes;
    if (expected !== to - from) {
      throw damaged(
        file,
        `tensor "${name}" of shape [${shape.join(", ")}] and type ${dtype} needs ${expected} bytes, but has ${to - from}`,
      );
    }
    tensors.push({
      name,
      shape,
      dataType: type.name,
      floating: type.floating,
      inParts: true,
      read: async (first, count) => type.decode(await file.read(start + from + first * type.bytes, count * type.bytes)),
    });
  }
  checkSpans(file, spans, room);
  return { tensors, config: configFromMetadata(Object.entries(Object(metadata))) };
}

/** It is there, and named, for conventions that know what it belongs to. */
async function unknownType(file: ByteSource, name: string, dtype: string): Promise<never> {
  throw new EnergyError(
    "unsupported",
    `${file.name}: tensor "${name}" is of type ${dtype}, whose numbers aren't read.`,
  );
}

function readEntry(
  file: ByteSource,
  name: string,
  value: unknown,
): { dtype: string; shape: Shape; from: number; to: number } {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  const wrong = (field: string, expected: string, got: unknown) =>
    damaged(
      file,
      `tensor "${name}": ${field} is wrong (expected ${expected}, got ${JSON.stringify(got)?.slice(0, 60)})`,
    );
  if (typeof dtype !== "string") throw wrong("dtype", "a name", dtype);
  if (!isShape(shape)) throw wrong("shape", "at most 32 whole numbers", shape);
  if (!(Array.isArray(offsets) && offsets.length === 2 && offsets.every(isWhole))) {
    throw wrong("data_offsets", "two whole numbers", offsets);
  }
  return { dtype, shape, from: offsets[0], to: offsets[1] };
}

async function readHeader(file: ByteSource): Promise<{ header: object; start: number }> {
  if (file.size < 10) throw damaged(file, `${file.size} bytes are too few for a header`);
  const first = await file.read(0, 8);
  const length = new DataView(first.buffer).getBigUint64(0, true);
  if (length > BigInt(largestHeader) || length > BigInt(file.size - 8)) {
    throw damaged(
      file,
      `its header claims ${length} bytes; expected at most ${Math.min(largestHeader, file.size - 8)}`,
    );
  }
  const text = new TextDecoder("utf-8").decode(await file.read(8, Number(length)));
  try {
    const header: unknown = JSON.parse(text);
    if (typeof header === "object" && header !== null && !Array.isArray(header)) {
      return { header, start: 8 + Number(length) };
    }
  } catch {
    // Said below.
  }
  throw damaged(file, "its header isn't a JSON object");
}

/** The format wants the tensors to fill the file, each byte belonging to one of them. */
function checkSpans(file: ByteSource, spans: { name: string; from: number; to: number }[], room: number): void {
  spans.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  let before = "the header";
  for (const { name, from, to } of spans) {
    if (from < end) throw damaged(file, `tensors "${before}" and "${name}" overlap`);
    if (from > end) throw damaged(file, `${from - end} bytes between "${before}" and "${name}" belong to no tensor`);
    end = to;
    before = name;
  }
  if (end !== room) throw damaged(file, `${room - end} bytes after "${before}" belong to no tensor`);
}

function damaged(file: ByteSource, problem: string): EnergyError {
  return notSound(file.name, "safetensors file", problem);
}
