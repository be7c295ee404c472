/**
 * A result as it is kept, on disk and on servers: one line of JSON that says whose it is and what follows, then the numbers of a gradient.
 * Its own hash is in it, so that what was cut short or altered is never taken for a result.
 */
import { EnergyError } from "@comhe/core/layouts";
import * as v from "valibot";
import { canonicalJson } from "../identity/canonical-json.js";
import { sha256 } from "../identity/digest.js";

/** Who computed a result, and by what. */
export interface Maker {
  /** The worker's name. */
  readonly worker: string;
  /** The backend's name with its instruction set, "native avx512" say. Equal ones give results that are the same to the last bit. */
  readonly backend: string;
}

/** A result with its origin. */
export interface StoredResult {
  /** The piece's name. */
  readonly piece: string;
  /** Who computed it. */
  readonly by: Maker;
  /** How many milliseconds it took. */
  readonly milliseconds: number;
  /** What was computed, as plain JSON; its shape depends on the piece. */
  readonly value: unknown;
  /** The gradient of a strip's rows, row major, where the plan asks for one. */
  readonly gradient?: Float64Array | undefined;
}

/** How many bytes a result may have at most: a strip's gradient of a million rows of 64 numbers has half of it. */
export const largestResult = 2 ** 30;
/** Of the line of JSON. */
const largestHead = 2 ** 26;

const headSchema = v.strictObject({
  format: v.literal("comhe-result"),
  version: v.literal(1),
  piece: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  by: v.strictObject({
    worker: v.pipe(v.string(), v.maxLength(256)),
    backend: v.pipe(v.string(), v.maxLength(256)),
  }),
  milliseconds: v.pipe(v.number(), v.minValue(0)),
  value: v.unknown(),
  /** Numbers of float64 that follow. */
  gradient: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(largestResult / 8)),
  /** SHA-256 of the value's JSON and the bytes that follow. */
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

/**
 * Writes a result as bytes, with a hash of itself.
 *
 * @throws EnergyError `invalid-state` for one that is too large to be read again
 */
export async function encodeResult(result: StoredResult): Promise<Uint8Array<ArrayBuffer>> {
  const { piece, by, milliseconds, value, gradient } = result;
  const numbers = gradient
    ? new Uint8Array(gradient.buffer, gradient.byteOffset, gradient.byteLength)
    : new Uint8Array();
  const head = {
    format: "comhe-result",
    version: 1,
    piece,
    by,
    milliseconds: Math.round(milliseconds),
    value,
    gradient: gradient?.length ?? 0,
    hash: await hashOf(value, numbers),
  };
  const line = new TextEncoder().encode(`${JSON.stringify(head)}\n`);
  if (line.length > largestHead || line.length + numbers.length > largestResult) {
    throw new EnergyError("invalid-state", `piece ${piece}: its result is too large; plan smaller blocks.`);
  }
  const bytes = new Uint8Array(line.length + numbers.length);
  bytes.set(line);
  bytes.set(numbers, line.length);
  return bytes;
}

/**
 * Reads a result from its bytes.
 *
 * @throws EnergyError `invalid-state` for what is no result, was cut short, altered, or is another piece's
 */
export async function decodeResult(piece: string, bytes: Uint8Array): Promise<StoredResult> {
  const refuse = (why: string) => new EnergyError("invalid-state", `the result of piece ${piece} is refused: ${why}.`);
  if (bytes.length > largestResult) throw refuse(`its ${bytes.length} bytes are more than any result has`);
  const end = bytes.subarray(0, largestHead).indexOf(10);
  if (end < 0) throw refuse("it has no head, or was cut short");
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, end)));
  } catch {
    throw refuse("its head isn't JSON");
  }
  const parsed = v.safeParse(headSchema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw refuse(`${v.getDotPath(issue) ?? "head"}: ${issue.message.slice(0, 200)}`);
  }
  const head = parsed.output;
  if (head.piece !== piece) throw refuse(`it is the result of another piece, ${head.piece}`);
  // A copy, which starts where float64 numbers may: a Buffer's own `slice` shares its memory.
  const numbers = new Uint8Array(bytes.subarray(end + 1));
  if (numbers.length !== head.gradient * 8)
    throw refuse(`${head.gradient * 8} bytes should follow, got ${numbers.length}`);
  if ((await hashOf(head.value, numbers)) !== head.hash) throw refuse("its hash is wrong: it was altered, or damaged");
  return {
    piece,
    by: head.by,
    milliseconds: head.milliseconds,
    value: head.value,
    ...(head.gradient > 0 ? { gradient: new Float64Array(numbers.buffer, 0, head.gradient) } : {}),
  };
}

async function hashOf(value: unknown, numbers: Uint8Array): Promise<string> {
  const text = new TextEncoder().encode(canonicalJson(value ?? null));
  const all = new Uint8Array(text.length + numbers.length);
  all.set(text);
  all.set(numbers, text.length);
  return sha256(all);
}
