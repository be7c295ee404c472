/** Opens whatever a user names. What a file is, its bytes say; its name only helps where they don't. */
import { EnergyError } from "@comhe/core/layouts";
import { BaseTensors } from "./conventions/adapters/base-tensors.js";
import { attentionPart, withHeads } from "./conventions/head-division.js";
import { placeTensors, unpackTensors } from "./conventions/place-tensors.js";
import { findFormat } from "./find-format.js";
import type { Format, ModelConfig, ModelParts, OpenOptions, ReadContext } from "./format.js";
import { formats as knownFormats } from "./formats.js";
import type { ModelContents, SkippedTensor } from "./layer-source.js";
import { withNamesBeside } from "./names/names-beside.js";
import type { ByteSource } from "./source/byte-source.js";
import type { Neighbours } from "./source/neighbours.js";
import { type ModelInput, openRequired, openSource } from "./source/open-source.js";

/** How many bytes a config.json may have. */
const largestConfig = 16 * 2 ** 20;

/**
 * Opens a model and lists its layers, without reading their numbers. What format it has, its bytes say. Call `close` of the result in the end.
 *
 * @param model a path or file URL (Node, Bun, Deno); an address, https://… or hf:org/model[@revision][/file]; a Blob, a File, bytes or a source of
 *   your own (anywhere)
 * @throws EnergyError `invalid-file` where the model can't be read, is damaged, or has no known format; `unsupported` for a path where the platform
 *   has no files
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
  /** What tells the present versions of all files that were opened from others. */
  state(): string;
  close(): Promise<void>;
}

async function openParts(model: ModelInput, options: OpenOptions): Promise<OpenedParts> {
  const { formats: own = [] } = options;
  const extensions = [...own, ...knownFormats].flatMap((format) => format.extensions);
  const { source, neighbours: beside } = await openSource(model, options, extensions);
  const states = [stateOf(source)];
  const neighbours: Neighbours = {
    list: () => beside.list(),
    async open(relativePath) {
      const file = await beside.open(relativePath);
      if (file !== undefined) states.push(stateOf(file));
      return file;
    },
  };
  const opened: { close?: (() => Promise<void>) | undefined }[] = [source];
  const close = async () => {
    for (const each of opened.reverse()) await each.close?.();
  };
  try {
    const { format, json, zip } = await findFormat(source, own);
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
        const found = await findFormat(file, own);
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
    return { source, format, parts, context, state: () => JSON.stringify([...states].sort()), close };
  } catch (error) {
    await close();
    throw error;
  }
}

const stateOf = ({ name, state, version }: ByteSource): string => `${name} ${state ?? version ?? ""}`;

async function contentsOf(opened: OpenedParts, options: OpenOptions): Promise<ModelContents> {
  const { source, format, parts, context, close } = opened;
  const { tensors = [], layers = [], skipped = [], notes = [] } = parts;
  const base = options.base === undefined ? undefined : await openBase(options.base);
  const said = parts.config;
  const configOf = async () => (await context.config()) ?? said;
  try {
    const placed =
      tensors.length === 0 && base === undefined
        ? { layers: [], skipped: [], notes: [] }
        : await placeTensors(tensors, {
            config: await configOf(),
            adapterConfig: context.adapterConfig,
            base: base?.tensors,
            layoutOf: options.layoutOf,
          });
    const config = [...layers, ...placed.layers].some((layer) => attentionPart(layer) !== undefined)
      ? await context.config()
      : undefined;
    const sources = { config, metadata: said, told: options.heads };
    const found = {
      layers: withHeads([...layers, ...placed.layers], sources),
      skipped: [...skipped, ...placed.skipped],
      notes: [...notes, ...placed.notes],
    };
    return {
      path: source.name,
      version: source.version,
      state: base === undefined ? opened.state() : `${opened.state()} on ${base.state}`,
      format: format.name,
      layers: withNamesBeside(found.layers, context.neighbours, context.config),
      skipped: found.skipped,
      notes: found.layers.length > 0 || found.notes.length > 0 ? found.notes : [whyNothing(found.skipped)],
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

/** Why a sound file has no layer, in words. */
function whyNothing(skipped: readonly SkippedTensor[]): string {
  const [first] = skipped;
  if (first === undefined) return "it holds no array at all";
  return `it holds no layer of neurons; what it holds was left out (${first.name}: ${first.reason})`;
}

/** The model that an adapter changes: its tensors, unpacked and by their names. */
async function openBase(
  base: NonNullable<OpenOptions["base"]>,
): Promise<{ tensors: BaseTensors; state: string; close(): Promise<void> }> {
  const { model, ...options } = typeof base === "object" && "model" in base ? base : { model: base };
  const { source, parts, context, state, close } = await openParts(model, options);
  try {
    if (parts.tensors === undefined) {
      throw new EnergyError(
        "unsupported",
        `${source.name}: expected PyTorch's or safetensors weights, which adapters are made for.`,
      );
    }
    const tensors = new BaseTensors(source.name, await unpackTensors(parts.tensors, await context.config()));
    return { tensors, state: state(), close };
  } catch (error) {
    await close();
    throw error;
  }
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
