/**
 * What every reader makes of a file: a list of matrices of neurons, none of them read yet. Numbers are read one tensor at
 * a time, so that a file larger than memory costs no more than its largest layer.
 */
import type { FloatArray, Layout, Shape } from "@comhe/core/layouts";

/** An opened model. Nothing of its tensors has been read. */
export interface ModelContents {
  /** As shown to the user: the path or address given. */
  readonly path: string;
  /** Tells one version of its file from another, where it isn't one on disk: a server's ETag. */
  readonly version?: string | undefined;
  /** As its bytes say: "onnx", "safetensors", "npy", "npz", "tfjs", … */
  readonly format: string;
  /** What holds neurons. */
  readonly layers: readonly LayerSource[];
  /** What holds no neurons, or none that can be read, with the reason. */
  readonly skipped: readonly SkippedTensor[];
  /** What concerns the whole file and its reader should know. */
  readonly notes: readonly string[];
  /** Closes the files; layers can't be read afterwards. */
  close(): Promise<void>;
}

/** A kernel with neurons. */
export interface LayerSource {
  /** Unique within the model. */
  readonly name: string;
  /** What it belongs to: "Conv", "dense", "matrix" where the format doesn't tell. */
  readonly kind: string;
  /** What it does there, where that is known. */
  readonly role?: Role | undefined;
  /** How attention heads divide it, where the model says so. Nothing is guessed from sizes. */
  readonly heads?: HeadDivision | undefined;
  /** The node or layer of the network that reads it, where the format says so: converters make up names like `const_fold_opt__727`. */
  readonly readBy?: string | undefined;
  readonly shape: Shape;
  /** Which axes are neurons. */
  readonly layout: Layout;
  /** As stored: "float32", "bfloat16", "uint8 (quantized)". */
  readonly dataType: string;
  /** What a reader of the table should know, such as a convention that was followed. */
  readonly note?: string | undefined;
  /**
   * All numbers, in the kernel's own order.
   *
   * @throws EnergyError `invalid-file`
   */
  read(): Promise<FloatArray>;
  /**
   * Numbers `from` … `from + count` in the kernel's own order, where the format allows to read a part: what streams
   * matrices that don't fit into memory.
   */
  readPart?(from: number, count: number): Promise<FloatArray>;
  /** Names of its neurons, such as a vocabulary, where the file has them: as many as there are neurons, in their order. */
  rowNames?(): Promise<readonly string[] | undefined>;
}

/**
 * What a matrix does in its network: "query", "key", "value", "output", "gate", "up", "down", "embedding", "head",
 * "input gate", "expert 3 up", … A word for people and for filters, not a closed list.
 */
export type Role = string;

/** The heads of an attention matrix, one after another. */
export interface HeadDivision {
  /** Heads of this matrix; of keys and values under grouped queries those of keys and values. */
  readonly count: number;
  /** Neurons of a head; of an output projection the inputs that come from it. */
  readonly size: number;
  /** Whether heads are neurons (queries, keys, values) or inputs (of the output projection, whose columns are what a head writes). */
  readonly along: "neurons" | "inputs";
  /** Heads of queries that each of these serves: more than 1 under grouped queries. */
  readonly queries: number;
  /** What says so: "config.json", "its metadata", a node of the graph. */
  readonly source: string;
}

/** A tensor that holds no neurons, or none that can be read. */
export interface SkippedTensor {
  readonly name: string;
  readonly shape: Shape;
  /** As stored. */
  readonly dataType: string;
  /** In words. */
  readonly reason: string;
}

/** Whether a tensor of this shape holds neurons at all; otherwise the reason why not. */
export function whyNoNeurons(shape: Shape): string | undefined {
  if (shape.some((size) => size === 0)) return "empty";
  if (shape.length === 0) return "a single number";
  if (shape.length === 1) return "a vector: biases and norms have no directions to compare";
  return undefined;
}

/** How many numbers an array of this shape holds. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);
