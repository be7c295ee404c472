/**
 * What a file format is to the rest: a name, a test of its first bytes, and a reader. Each lives in its own folder of
 * `formats/`, whose `index.ts` is light; what is heavy in it is imported when a file of that format is opened.
 */
import type { Layout } from "@comhe/core/layouts";
import type { LayerSource, SkippedTensor } from "./layer-source.js";
import type { ByteSource } from "./source/byte-source.js";
import type { Neighbours } from "./source/neighbours.js";
import type { ModelInput, SourceOptions } from "./source/open-source.js";
import type { StoredTensor } from "./tensors/stored-tensor.js";
import type { ZipEntry } from "./zip/zip-entry.js";

/** A file format: how its files are recognized, and how they are read. */
export interface Format {
  /** Short: "safetensors". */
  readonly name: string;
  /** How its files end, without the dot, for the list of what a folder holds: ["pt", "pth"]. Bytes decide, not names. */
  readonly extensions: readonly string[];
  /**
   * Whether a file is of this format. JSON is `detectJson`'s, zip archives are `detectZip`'s.
   *
   * @param start its first 4096 bytes; fewer where the file is shorter
   * @param name its name, for what bytes can't tell
   * @param size of the whole file
   */
  detect(start: Uint8Array, name: string, size: number): boolean;
  /** Whether a JSON file is of this format; `context.json` then holds it when `read` is called. */
  detectJson?(json: unknown, name: string): boolean;
  /** Whether a zip archive with these files is of this format; `context.zip` then holds them. */
  detectZip?(entries: readonly ZipEntry[], name: string): boolean;
  /** @throws EnergyError `invalid-file` where it is damaged or hostile */
  read(source: ByteSource, context: ReadContext): Promise<ModelParts>;
}

/** What a reader may use beside the file's own bytes. */
export interface ReadContext {
  readonly neighbours: Neighbours;
  /** The model's own config.json, parsed, where one lies beside it. */
  config(): Promise<ModelConfig | undefined>;
  /** adapter_config.json, where one lies beside it. */
  adapterConfig(): Promise<ModelConfig | undefined>;
  /**
   * Reads a file beside it that is a part of the same model, such as a shard, in whatever format it is.
   *
   * @throws EnergyError `invalid-file` where it isn't there
   */
  readBeside(relativePath: string): Promise<ModelParts>;
  /** The parsed file, where it was `detectJson` that took it. */
  readonly json?: unknown;
  /** The archive's files, where it was `detectZip` that took it. */
  readonly zip?: readonly ZipEntry[] | undefined;
  readonly options: OpenOptions;
}

/** A parsed `config.json`: nothing of it is checked yet. */
export type ModelConfig = Readonly<Record<string, unknown>>;

/** Options of `openModel`. */
export interface OpenOptions extends SourceOptions {
  /**
   * Which axes of a stored array are neurons, by its name, where the caller knows better than any convention; `undefined`
   * leaves it to them.
   */
  readonly layoutOf?: ((name: string) => Layout | undefined) | undefined;
  /** Formats of your own, which are asked before those that are known. */
  readonly formats?: readonly Format[] | undefined;
  /**
   * The model that an adapter was trained on: its matrices are then given with the adapter's changes, W + ΔW. One in several files that isn't a path comes with those
   * beside it.
   */
  readonly base?: ModelInput | (SourceOptions & { readonly model: ModelInput }) | undefined;
  /** How many attention heads the model has, where the caller knows better than its file; of keys and values, where they are fewer. */
  readonly heads?: { readonly count: number; readonly ofKeys?: number | undefined } | undefined;
}

/** What a reader gives. */
export interface ModelParts {
  /** Bare arrays, for the conventions to place. */
  readonly tensors?: readonly StoredTensor[] | undefined;
  /** Layers that the format itself has placed. */
  readonly layers?: readonly LayerSource[] | undefined;
  /** Everything else that the file holds, with the reason. */
  readonly skipped?: readonly SkippedTensor[] | undefined;
  /** What concerns the whole file. */
  readonly notes?: readonly string[] | undefined;
  /** What the file says of its network by the names of config.json, which is believed where there is none beside it. */
  readonly config?: ModelConfig | undefined;
  /** Closes what the reader opened itself; the source it was given isn't its own. */
  close?(): Promise<void>;
}
