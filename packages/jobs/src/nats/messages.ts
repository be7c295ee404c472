/** What goes over the wire, as schemas: nothing that comes from a server is believed before it fits. */
import * as v from "valibot";

/** The header that names a claim's piece. */
export const claimHeader = "Comhe-Piece";

const text = (most: number) => v.pipe(v.string(), v.maxLength(most));
const counted = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const maker = { worker: text(256), backend: text(256) };

/** A piece that is to be done. */
export const workSchema = v.strictObject({ number: counted });

/** What a worker says every two seconds. */
export const aliveSchema = v.strictObject({
  ...maker,
  /** Pieces it has done of this plan. */
  done: counted,
  /** Pieces it is at, and how far. */
  pieces: v.pipe(v.array(v.strictObject({ number: counted, share })), v.maxLength(4096)),
});

/** A plan on the board. */
export const boardSchema = v.strictObject({
  state: v.picklist(["open", "cancelled"]),
  /** After how often a piece that fails is given up. */
  tries: v.pipe(counted, v.minValue(1)),
  /** Milliseconds without a word from its worker after which a piece is given to another. */
  patience: v.pipe(counted, v.minValue(500)),
  pieces: counted,
  /** The share of untrusted workers' results that is computed again. Without it, untrusted workers may not take part. */
  check: v.optional(share),
});

/** A piece that was given up. */
export const deadSchema = v.strictObject({ ...maker, number: counted, tries: counted, error: text(4096) });

/** Two results of one piece that contradict each other. */
export const conflictSchema = v.strictObject({
  number: counted,
  piece: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  kept: v.strictObject(maker),
  other: v.strictObject(maker),
  difference: v.strictObject({ of: text(64), by: v.nullable(v.number()), bound: v.number() }),
});

/** A worker that doesn't take a plan, and why. */
export const refusalSchema = v.strictObject({ ...maker, reason: text(4096) });

/** Where a result lies that is larger than a message. */
export const pointerSchema = v.strictObject({
  format: v.literal("comhe-pointer"),
  object: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}-[0-9a-f]{16}$/)),
  size: counted,
});

/** What a worker says of itself. */
export type Alive = v.InferOutput<typeof aliveSchema>;
/** A plan on the board. */
export type BoardEntry = v.InferOutput<typeof boardSchema>;
/** A piece that was given up. */
export type DeadPiece = v.InferOutput<typeof deadSchema>;
/** A worker that doesn't take a plan. */
export type Refusal = v.InferOutput<typeof refusalSchema>;

/** `undefined` for what isn't JSON, is too long, or doesn't fit. */
export function parseMessage<S extends v.GenericSchema>(
  schema: S,
  bytes: Uint8Array,
  most = 1 << 20,
): v.InferOutput<S> | undefined {
  if (bytes.length > most) return undefined;
  try {
    const parsed = v.safeParse(schema, JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** Text that is safe to print and to send: no control characters, and no longer than it may be. */
export const plainText = (message: string, most = 2000): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is they that are taken out
  message.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").slice(0, most);
