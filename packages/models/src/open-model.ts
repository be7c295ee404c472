/** Opens whatever a user names. What a file is, its bytes say; its name only helps where they don't. */
import { EnergyError } from "@comhe/core/layouts";
import { BaseTensors } from "./conventions/adapters/base-tensors.js";
import { placeTensors, unpackTensors } from "./conventions/place-tensors.js";
import type { Format, ModelConfig, ModelParts, OpenOptions, ReadContext } from "./format.js";
import { startsWith } from "./formats/starts-with.js";
import { unreadArchives, unreadKinds } from "./formats/unread.js";
import { formats } from "./formats.js";
import type { ModelContents } from "./layer-source.js";
import type { ByteSource } from "./source/byte-source.js";
import { checkPointer } from "./source/lfs-pointer.js";
import type { Neighbours } from "./source/neighbours.js";
import { type ModelInput, openRequired, openSource } from "./source/open-source.js";
import type { ZipEntry } from "./zip/zip-entry.js";

/** Larger JSON is no model description. */
const largestJson = 512 * 2 ** 20;
/** Of a file, to tell its format by. */
const startBytes = 4096;
/** Of a config.json. */
const largestConfig = 16 * 2 ** 20;

/**
 * Opens a model and lists its layers; what format it is of, its bytes say. Close it in the end.
 *
 * @param model a path or file URL (Node, Bun, Deno); a Blob, a File, bytes or a source of your own (anywhere)
 * @throws EnergyError `invalid-file` where it can't be read, is damaged, or is of no format that is read; `unsupported` for a path
 *   where there are no files
 */
export async function openModel(model: ModelInput, options: OpenOptions = {}): Promise<ModelContents> {
  const opened = await openParts(model, options);
  try {
    return await contentsOf(opened, options);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

interface OpenedParts {
  readonly source: ByteSource;
  readonly format: Format;
  readonly parts: ModelParts;
  readonly context: ReadContext;
  close(): Promise<void>;
}

async function openParts(model: ModelInput, options: OpenOptions): Promise<OpenedParts> {
  const extensions = formats.flatMap((format) => format.extensions);
  const { source, neighbours } = await openSource(model, options, extensions);
  const opened: { close?: (() => Promise<void>) | undefined }[] = [source];
  const close = async () => {
    for (const each of opened.reverse()) await each.close?.();
  };
  try {
    const { format, json, zip } = await findFormat(source);
    const context: ReadContext = {
      neighbours,
      json,
      zip,
      options,
      config: jsonBeside("config.json", neighbours),
      adapterConfig: jsonBeside("adapter_config.json", neighbours),
      async readBeside(relativePath) {
        const file = await openRequired(neighbours, source.name, relativePath);
        opened.push(file);
        const found = await findFormat(file);
        if (found.json !== undefined) {
          throw new EnergyError(
            "invalid-file",
            `${file.name}: expected a file of weights, as ${source.name} says; got JSON.`,
          );
        }
        return found.format.read(file, { ...context, json: undefined, zip: found.zip });
      },
    };
    const parts = await format.read(source, context);
    opened.push(parts);
    return { source, format, parts, context, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function contentsOf(opened: OpenedParts, options: OpenOptions): Promise<ModelContents> {
  const { source, format, parts, context, close } = opened;
  const { tensors = [], layers = [], skipped = [], notes = [] } = parts;
  const base = options.base === undefined ? undefined : await openBase(options.base);
  try {
    const placed =
      tensors.length === 0 && base === undefined
        ? { layers: [], skipped: [] }
        : await placeTensors(tensors, {
            config: await context.config(),
            adapterConfig: context.adapterConfig,
            base: base?.tensors,
            layoutOf: options.layoutOf,
          });
    return {
      path: source.name,
      format: format.name,
      layers: [...layers, ...placed.layers],
      skipped: [...skipped, ...placed.skipped],
      notes,
      async close() {
        await base?.close();
        await close();
      },
    };
  } catch (error) {
    await base?.close();
    throw error;
  }
}

/** The model that an adapter changes: its tensors, unpacked and by their names. */
async function openBase(model: ModelInput): Promise<{ tensors: BaseTensors; close(): Promise<void> }> {
  const { source, parts, context, close } = await openParts(model, {});
  try {
    if (parts.tensors === undefined) {
      throw new EnergyError(
        "unsupported",
        `${source.name}: expected PyTorch's or safetensors weights, which adapters are made for.`,
      );
    }
    return { tensors: new BaseTensors(source.name, await unpackTensors(parts.tensors, await context.config())), close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface FoundFormat {
  readonly format: Format;
  readonly json?: unknown;
  readonly zip?: readonly ZipEntry[];
}

async function findFormat(source: ByteSource): Promise<FoundFormat> {
  const { name, size } = source;
  await checkPointer(source);
  const start = await source.read(0, Math.min(startBytes, size));
  const byBytes = formats.find(({ detect }) => detect(start, name, size));
  if (byBytes !== undefined) return { format: byBytes };
  const text = String.fromCharCode(...start.subarray(0, 64));
  // A local header, or the end record of an empty archive.
  if (startsWith(start, "PK\x03\x04") || startsWith(start, "PK\x05\x06")) return findZipFormat(source);
  if (/^(\xef\xbb\xbf)?\s*[[{]/.test(text)) return findJsonFormat(source);
  const other = unreadKinds.find(({ test }) => test(start, name, size));
  if (other !== undefined) {
    throw new EnergyError("invalid-file", `${name}: ${other.what}, which isn't read. ${other.instead}`);
  }
  const claimed = formats.find(({ extensions }) => extensions.some((end) => name.toLowerCase().endsWith(`.${end}`)));
  if (claimed !== undefined) {
    throw new EnergyError(
      "invalid-file",
      `${name}: it doesn't begin as a ${claimed.name} file does: it is damaged or something else.`,
    );
  }
  if (/^[\t\n\r\x20-\x7e]+$/.test(text)) {
    throw new EnergyError(
      "invalid-file",
      `${name}: it is text; expected ${formatNames()}. Save a table of numbers as .npy: numpy.save.`,
    );
  }
  throw new EnergyError("invalid-file", `${name}: it is of no format that is read; expected ${formatNames()}.`);
}

const formatNames = () => formats.map((format) => format.name).join(", ");

async function findZipFormat(source: ByteSource): Promise<FoundFormat> {
  const { openZip } = await import("./zip/open-zip.js");
  const zip = await openZip(source);
  const format = formats.find(({ detectZip }) => detectZip?.(zip, source.name));
  if (format !== undefined) return { format, zip };
  const other = unreadArchives.find(({ test }) => test(zip));
  if (other !== undefined) {
    throw new EnergyError("invalid-file", `${source.name}: ${other.what}, which isn't read. ${other.instead}`);
  }
  const some = zip.slice(0, 3).map(({ name }) => `"${name}"`);
  throw new EnergyError(
    "invalid-file",
    `${source.name}: a zip archive of no format that is read; expected .npz, with .npy files in it, or PyTorch's, with a data.pkl; ` +
      `got ${some.join(", ") || "nothing"}.`,
  );
}

async function findJsonFormat(source: ByteSource): Promise<FoundFormat> {
  const { name, size } = source;
  if (size > largestJson) {
    throw new EnergyError("invalid-file", `${name}: ${size} bytes of JSON are more than a model description has.`);
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(await source.read(0, size)));
  } catch (error) {
    if (EnergyError.isInstance(error)) throw error;
    throw new EnergyError("invalid-file", `${name}: expected JSON (${(error as Error).message}).`, {}, error);
  }
  const format = formats.find(({ detectJson }) => detectJson?.(json, name));
  if (format !== undefined) return { format, json };
  throw new EnergyError(
    "invalid-file",
    `${name}: expected a TensorFlow.js model.json or weights manifest, or a safetensors index; got other JSON.`,
  );
}

/** Read once, when a format or a convention asks for it. */
function jsonBeside(name: string, neighbours: Neighbours): () => Promise<ModelConfig | undefined> {
  let found: Promise<ModelConfig | undefined> | undefined;
  const read = async () => {
    const file = await neighbours.open(name).catch(() => undefined);
    if (file === undefined) return undefined;
    try {
      if (file.size > largestConfig) return undefined;
      const json: unknown = JSON.parse(new TextDecoder().decode(await file.read(0, file.size)));
      return typeof json === "object" && json !== null && !Array.isArray(json) ? (json as ModelConfig) : undefined;
    } catch {
      // It helps where it can be read; a model's weights are sound without it.
      return undefined;
    } finally {
      await file.close?.();
    }
  };
  return () => {
    found ??= read();
    return found;
  };
}
