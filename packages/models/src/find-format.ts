/** Which format a file is of: its bytes say; its name only helps where they don't. What isn't read is named. */
import { EnergyError } from "@comhe/core/layouts";
import type { Format } from "./format.js";
import { startsWith } from "./formats/starts-with.js";
import { type UnreadKind, unreadArchives, unreadKinds, unreadNames } from "./formats/unread.js";
import { formats as knownFormats } from "./formats.js";
import type { ByteSource } from "./source/byte-source.js";
import { checkPointer } from "./source/lfs-pointer.js";
import type { ZipEntry } from "./zip/zip-entry.js";

/** Larger JSON is no model description. */
const largestJson = 512 * 2 ** 20;
/** How many bytes of a file are read to tell its format by. */
const startBytes = 4096;

export interface FoundFormat {
  readonly format: Format;
  readonly json?: unknown;
  readonly zip?: readonly ZipEntry[];
}

/**
 * @param own the caller's formats, which are asked first
 * @throws EnergyError `invalid-file` where it is of none that is read
 */
export async function findFormat(source: ByteSource, own: readonly Format[]): Promise<FoundFormat> {
  const formats = [...own, ...knownFormats];
  const { name, size } = source;
  await checkPointer(source);
  const start = await source.read(0, Math.min(startBytes, size));
  const claims = ({ detect }: Format) => detect(start, name, size);
  if (!own.some(claims)) refuseKnown(unreadKinds, start, source);
  const byBytes = formats.find(claims);
  if (byBytes !== undefined) return { format: byBytes };
  const text = String.fromCharCode(...start.subarray(0, 64));
  // A local header, or the end record of an empty archive.
  if (startsWith(start, "PK\x03\x04") || startsWith(start, "PK\x05\x06")) return findZipFormat(source, formats);
  if (/^(\xef\xbb\xbf)?\s*[[{]/.test(text)) return findJsonFormat(source, formats);
  const claimed = formats.filter(({ extensions }) => extensions.some((end) => name.toLowerCase().endsWith(`.${end}`)));
  if (claimed.length > 0 && !/\.bin$/i.test(name)) {
    throw new EnergyError(
      "invalid-file",
      `${name}: it doesn't begin as ${claimed.map((format) => format.name).join(" or ")} does: it is damaged or something else.`,
    );
  }
  refuseKnown(unreadNames, start, source);
  const what = /^[\t\n\r\x20-\x7e]+$/.test(text) ? "text, but no table of numbers" : "of no format that is known";
  throw new EnergyError(
    "invalid-file",
    `${name}: it is ${what}; expected ${namesOf(formats)}. Arrays of any other program can be saved as .npy: numpy.save.`,
  );
}

/** @throws EnergyError `invalid-file` for a sound file of a kind that isn't read */
function refuseKnown(kinds: readonly UnreadKind[], start: Uint8Array, { name, size }: ByteSource): void {
  const found = kinds.find(({ test }) => test(start, name, size));
  if (found === undefined) return;
  throw new EnergyError("invalid-file", `${name}: it is ${found.what}, which isn't read. ${found.instead}`);
}

const namesOf = (formats: readonly Format[]) => formats.map((format) => format.name).join(", ");

async function findZipFormat(source: ByteSource, formats: readonly Format[]): Promise<FoundFormat> {
  const { openZip } = await import("./zip/open-zip.js");
  const zip = await openZip(source);
  const format = formats.find(({ detectZip }) => detectZip?.(zip, source.name));
  if (format !== undefined) return { format, zip };
  const other = unreadArchives.find(({ test }) => test(zip));
  if (other !== undefined) {
    throw new EnergyError("invalid-file", `${source.name}: it is ${other.what}, which isn't read. ${other.instead}`);
  }
  const some = zip.slice(0, 3).map(({ name }) => `"${name}"`);
  throw new EnergyError(
    "invalid-file",
    `${source.name}: a zip archive of no format that is read; expected .npz, with .npy files in it, or PyTorch's, with a data.pkl; ` +
      `got ${some.join(", ") || "nothing"}.`,
  );
}

async function findJsonFormat(source: ByteSource, formats: readonly Format[]): Promise<FoundFormat> {
  const { name, size } = source;
  if (size > largestJson) {
    throw new EnergyError("invalid-file", `${name}: ${size} bytes of JSON are more than a model description has.`);
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(await source.read(0, size)));
  } catch (error) {
    if (EnergyError.isInstance(error)) throw error;
    if (isJson((await firstLine(source)) ?? "")) {
      throw new EnergyError("invalid-file", `${name}: a JSON value in each line, which isn't read. ${saveArrays}`);
    }
    throw new EnergyError("invalid-file", `${name}: expected JSON (${(error as Error).message}).`, {}, error);
  }
  const format = formats.find(({ detectJson }) => detectJson?.(json, name));
  if (format !== undefined) return { format, json };
  throw new EnergyError("invalid-file", `${name}: ${whyNoJsonModel(json)}`);
}

const saveArrays = "Save its vectors as .npy (numpy.save), as Parquet or as CSV.";

/** Where there are more lines than one. */
async function firstLine(source: ByteSource): Promise<string | undefined> {
  const text = new TextDecoder().decode(await source.read(0, Math.min(2 ** 20, source.size)));
  const end = text.indexOf("\n");
  return end < 0 ? undefined : text.slice(0, end);
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

/** What JSON is that describes no weights. */
function whyNoJsonModel(json: unknown): string {
  const has = (key: string) => typeof json === "object" && json !== null && Object.hasOwn(json, key);
  const beside = "it holds no weights. Name the file of weights beside it, or the folder.";
  if (has("model_type") || has("architectures")) return `it is a model's config, and ${beside}`;
  if (has("added_tokens") || has("tokenizer_class") || has("merges")) return `it is a tokenizer, and ${beside}`;
  if (has("itemInfoEntries"))
    return "it is the manifest of a Core ML package, which isn't read. Use the model it was converted from.";
  if (has("class_name") || has("keras_version")) return `it is the topology of a Keras model, and ${beside}`;
  if (Array.isArray(json)) return `it is a list, which isn't read. ${saveArrays}`;
  return "expected a TensorFlow.js model.json or weights manifest, or the index of a model in shards; got other JSON.";
}
