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
  /** The format's short name: "safetensors". */
  readonly name: string;
  /** How its files' names end, without the dot: ["pt", "pth"]. They serve to find models in a folder; what format a file has, its bytes decide. */
  readonly extensions: readonly string[];
  /**
   * Whether a file is of this format. JSON files and zip archives are for `detectJson` and `detectZip` to tell.
   *
   * @param start the file's first 4096 bytes; fewer where it is shorter
   * @param name the file's name, for what bytes can't tell
   * @param size of the whole file, in bytes
   */
  detect(start: Uint8Array, name: string, size: number): boolean;
  /** Whether a JSON file is of this format; `context.json` then holds it when `read` is called. */
  detectJson?(json: unknown, name: string): boolean;
  /** Whether a zip archive with these files is of this format; `context.zip` then holds them. */
  detectZip?(entries: readonly ZipEntry[], name: string): boolean;
  /**
   * Reads what the file holds; numbers are read later, when they are asked for.
   *
   * @throws EnergyError `invalid-file` where the file is damaged or hostile
   */
  read(source: ByteSource, context: ReadContext): Promise<ModelParts>;
}

/** What a reader may use beside the file's own bytes. */
export interface ReadContext {
  /** The files beside the model. */
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
  /** The parsed file, where the format's `detectJson` recognized it. */
  readonly json?: unknown;
  /** The archive's files, where the format's `detectZip` recognized it. */
  readonly zip?: readonly ZipEntry[] | undefined;
  /** The options that `openModel` was called with. */
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
   * The model that an adapter was trained on: its matrices are then given with the adapter's changes, W + ΔW. Where it lies in several files and isn't
   * a path, it comes with the `neighbours` that hold the others.
   */
  readonly base?:
    | ModelInput
    | (SourceOptions & {
        /** The model. */
        readonly model: ModelInput;
      })
    | undefined;
  /** How many attention heads the model has, where the caller knows better than its file. Default: what the model says. */
  readonly heads?:
    | {
        /** How many heads of queries. */
        readonly count: number;
        /** How many heads of keys and values, where they are fewer. Default: as many as of queries. */
        readonly ofKeys?: number | undefined;
      }
    | undefined;
}

/** What a format's reader found in a file. */
export interface ModelParts {
  /** Bare arrays, in which conventions of names and shapes find the neurons. */
  readonly tensors?: readonly StoredTensor[] | undefined;
  /** Layers of which the format itself says where the neurons are. */
  readonly layers?: readonly LayerSource[] | undefined;
  /** Everything else that the file holds, with the reasons why it is no layer. */
  readonly skipped?: readonly SkippedTensor[] | undefined;
  /** Sentences about the whole file, for whoever looks at its layers. */
  readonly notes?: readonly string[] | undefined;
  /** What the file says of its network by the names of config.json; it is believed where there is no config.json beside it. */
  readonly config?: ModelConfig | undefined;
  /** Closes what the reader opened itself; the source it was given isn't its own. */
  close?(): Promise<void>;
}
