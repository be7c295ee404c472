/**
 * safetensors: eight bytes of header length, a JSON header that says where each tensor lies, then the tensors' bytes.
 * Everything the header claims is checked against the file's size before a byte of it is used.
 */
import { EnergyError } from "@comhe/core/layouts";
import * as z from "zod";
import type { ByteFile } from "./byte-file.js";
import { bfloat16, float8e4m3, float8e5m2, float16, float32, float64, type NumberType } from "./decode-numbers.js";
import { type LayerSource, type SkippedTensor, sizeOf, whyNoNeurons } from "./model-file.js";
import { rowKind } from "./row-convention.js";

/** The format's own limit. */
const largestHeader = 100_000_000;

const types: Readonly<Record<string, NumberType>> = {
  F64: float64,
  F32: float32,
  F16: float16,
  BF16: bfloat16,
  F8_E4M3: float8e4m3,
  F8_E5M2: float8e5m2,
  I64: { name: "int64", bytes: 8 },
  U64: { name: "uint64", bytes: 8 },
  I32: { name: "int32", bytes: 4 },
  U32: { name: "uint32", bytes: 4 },
  I16: { name: "int16", bytes: 2 },
  U16: { name: "uint16", bytes: 2 },
  I8: { name: "int8", bytes: 1 },
  U8: { name: "uint8", bytes: 1 },
  BOOL: { name: "bool", bytes: 1 },
};

const whole = z.number().int().min(0);
const tensor = z.object({
  dtype: z.string(),
  shape: z.array(whole).max(32),
  data_offsets: z.tuple([whole, whole]),
});

export interface SafetensorsParts {
  readonly layers: LayerSource[];
  readonly skipped: SkippedTensor[];
}

/** @throws EnergyError `invalid-file` */
export async function readSafetensors(file: ByteFile): Promise<SafetensorsParts> {
  const { header, start } = await readHeader(file);
  const room = file.size - start;
  const entries = Object.entries(header).filter(([name]) => name !== "__metadata__");
  const layers: LayerSource[] = [];
  const skipped: SkippedTensor[] = [];
  const spans: { name: string; from: number; to: number }[] = [];
  for (const [name, value] of entries) {
    const parsed = tensor.safeParse(value);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw damaged(file, `tensor "${name}": ${issue!.path.join(".")} is wrong (${issue!.message})`);
    }
    const { dtype, shape, data_offsets } = parsed.data;
    const [from, to] = data_offsets;
    const type = Object.hasOwn(types, dtype) ? types[dtype] : undefined;
    if (from > to || to > room) {
      throw damaged(
        file,
        `tensor "${name}" claims bytes ${from} to ${to} of ${room}: the file is cut short or altered`,
      );
    }
    const numbers = sizeOf(shape);
    if (type && numbers * type.bytes !== to - from) {
      throw damaged(
        file,
        `tensor "${name}" of shape [${shape.join(", ")}] and type ${dtype} needs ${numbers * type.bytes} bytes, but has ${to - from}`,
      );
    }
    spans.push({ name, from, to });
    const shown = type?.name ?? dtype;
    const problem = whyNoNeurons(shape) ?? (type?.decode ? undefined : `${shown}, not floating point`);
    if (problem !== undefined) {
      skipped.push({ name, shape, dataType: shown, reason: problem });
      continue;
    }
    const { decode, bytes } = type as Required<NumberType>;
    const readPart = async (first: number, count: number) =>
      decode(await file.read(start + from + first * bytes, count * bytes));
    layers.push({
      name,
      ...rowKind(name, shape),
      shape,
      layout: "neurons-first",
      dataType: shown,
      read: () => readPart(0, numbers),
      readPart,
    });
  }
  checkSpans(file, spans, room);
  return { layers, skipped };
}

async function readHeader(file: ByteFile): Promise<{ header: object; start: number }> {
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
function checkSpans(file: ByteFile, spans: { name: string; from: number; to: number }[], room: number): void {
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

function damaged(file: ByteFile, problem: string): EnergyError {
  return new EnergyError("invalid-file", `${file.path}: not a sound safetensors file: ${problem}.`);
}
