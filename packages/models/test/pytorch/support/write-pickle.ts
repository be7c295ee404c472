/** Pickles and archives as an attacker would write them: opcode by opcode, in the words of Python's pickletools. */
import { zipSync } from "fflate";

type Part = string | Uint8Array | number[];

/** Text is one byte a character. */
export function bytes(...parts: readonly Part[]): Uint8Array {
  const arrays = parts.map((part) =>
    typeof part === "string" ? Uint8Array.from(part, (character) => character.charCodeAt(0)) : Uint8Array.from(part),
  );
  const result = new Uint8Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    result.set(array, at);
    at += array.length;
  }
  return result;
}

function int32(value: number): Uint8Array {
  const array = new Uint8Array(4);
  new DataView(array.buffer).setInt32(0, value, true);
  return array;
}

export const proto = "\x80\x02";
export const int = (value: number): Uint8Array => bytes("J", int32(value));
export const text = (value: string): Uint8Array => bytes("X", int32(value.length), value);
export const global = (module: string, name: string): string => `c${module}\n${name}\n`;
export const tuple = (...items: readonly Part[]): Uint8Array => bytes("(", ...items, "t");
export const call = (callee: Part, ...args: readonly Part[]): Uint8Array => bytes(callee, tuple(...args), "R");
export const dict = (entries: Readonly<Record<string, Part>>): Uint8Array =>
  bytes("}(", ...Object.entries(entries).flatMap(([key, value]) => [text(key), value]), "u");

/** Of `count` float32 numbers under a key. */
export const storage = (key: string, count: number, type = "FloatStorage"): Uint8Array =>
  bytes(tuple(text("storage"), global("torch", type), text(key), text("cpu"), int(count)), "Q");

export interface TensorOptions {
  readonly offset?: number;
  readonly strides?: readonly number[];
  readonly stored?: Part;
}

export function tensor(shape: readonly number[], { offset = 0, strides, stored }: TensorOptions = {}): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const steps = strides ?? shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  return call(
    global("torch._utils", "_rebuild_tensor_v2"),
    stored ?? storage("0", count),
    int(offset),
    tuple(...shape.map(int)),
    tuple(...steps.map(int)),
    "\x89",
    call(global("collections", "OrderedDict")),
  );
}

/** A whole file: the pickle, and its storages. */
export function archive(pickle: Uint8Array, storages: Readonly<Record<string, Uint8Array>> = {}): Uint8Array {
  const files: Record<string, Uint8Array> = { "archive/data.pkl": pickle, "archive/byteorder": bytes("little") };
  for (const [key, data] of Object.entries(storages)) files[`archive/data/${key}`] = data;
  return zipSync(files, { level: 0 });
}

/** `{ "fc.weight": … }`, with numbers 0, 1, 2 … for it to lie in. */
export function stateDict(weight: Part, stored = 6): Uint8Array {
  return archive(bytes(proto, dict({ "fc.weight": weight }), "."), {
    0: new Uint8Array(Float32Array.from({ length: stored }, (_, n) => n).buffer),
  });
}
