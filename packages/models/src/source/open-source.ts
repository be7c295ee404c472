/** From what a caller names a model by to its bytes and to the files beside it. */
import { EnergyError } from "@comhe/core/layouts";
import type { ByteSource } from "./byte-source.js";
import { openFileSource } from "./file-source.js";
import { filesBeside } from "./folder-on-disk.js";
import { droppedFiles } from "./given-files.js";
import { refusePointers } from "./lfs-pointer.js";
import { memorySource } from "./memory-source.js";
import { fileOf } from "./model-folder.js";
import { type Neighbours, noNeighbours } from "./neighbours.js";
import type { RemoteOptions } from "./remote/remote-options.js";

/**
 * A model: a path or file URL (Node, Bun, Deno); an address, https://… or hf:org/model[@revision][/file]; a Blob, a File,
 * bytes or a source of your own (anywhere).
 */
export type ModelInput = string | URL | Blob | Uint8Array | ArrayBuffer | ByteSource;

export interface OpenedSource {
  readonly source: ByteSource;
  readonly neighbours: Neighbours;
}

/** Where a model's bytes come from. */
export interface SourceOptions {
  /** What messages call the model, where it is bytes or a Blob. Default: "model". */
  readonly name?: string | undefined;
  /** The files beside the model, where it isn't a path: those that were dropped on a page together with it, say. Default: none. */
  readonly neighbours?: Neighbours | readonly File[] | undefined;
  /** How files on servers are read. */
  readonly remote?: RemoteOptions | undefined;
}

/**
 * @param extensions of the files that can be a folder's model
 * @throws EnergyError `invalid-file`, `unsupported` (a path where there are no files)
 */
export async function openSource(
  model: ModelInput,
  options: SourceOptions = {},
  extensions: readonly string[] = [],
): Promise<OpenedSource> {
  const { source, beside } = await open(model, options, extensions);
  const given = Array.isArray(options.neighbours) ? droppedFiles(options.neighbours) : options.neighbours;
  return { source, neighbours: refusePointers((given as Neighbours | undefined) ?? beside) };
}

async function open(
  model: ModelInput,
  { name, remote }: SourceOptions,
  extensions: readonly string[],
): Promise<{ source: ByteSource; beside: Neighbours }> {
  if (typeof model === "string" || model instanceof URL) {
    if (/^(?:https?:\/\/|hf:)/i.test(String(model))) {
      return (await import("./remote/open-remote.js")).openRemote(model, remote, extensions);
    }
    const file = await fileOf(model, extensions);
    return { source: await openFileSource(file), beside: filesBeside(file) };
  }
  if (isSource(model)) return { source: model, beside: noNeighbours };
  const ownName = typeof File !== "undefined" && model instanceof File ? model.name : "model";
  return { source: memorySource(model, name ?? ownName), beside: noNeighbours };
}

function isSource(model: unknown): model is ByteSource {
  const { read, size } = (model ?? {}) as Partial<ByteSource>;
  return typeof read === "function" && typeof size === "number";
}

/** A file beside a model that has to be there. @throws EnergyError `invalid-file` */
export async function openRequired(neighbours: Neighbours, model: string, relativePath: string): Promise<ByteSource> {
  const found = await neighbours.open(relativePath);
  if (found !== undefined) return found;
  throw new EnergyError(
    "invalid-file",
    `${model}: expected "${relativePath}" beside it, but there is no such file. Put it there.`,
    { location: relativePath },
  );
}
