/**
 * What every reader makes of a file: a list of matrices of neurons, none of them read yet. Numbers are read one tensor at
 * a time, so that a file larger than memory costs no more than its largest layer.
 */
import type { FloatArray, Layout, Shape } from "@comhe/core/layouts";

/** An opened model. Nothing of its tensors has been read. */
export interface ModelContents {
  /** The path or address that was given, for messages and tables. */
  readonly path: string;
  /** Tells one version of the model's file from another, where it isn't one on disk: a server's ETag. */
  readonly version?: string | undefined;
  /**
   * Tells one state of all its files from another: of those on this machine by sizes and times of change, of others by their versions. For
   * what is kept of a model between two runs on one machine.
   */
  readonly state?: string | undefined;
  /** The format that the file's bytes say: "onnx", "safetensors", "npy", "npz", "tfjs", … */
  readonly format: string;
  /** The matrices of neurons, in the file's order. */
  readonly layers: readonly LayerSource[];
  /** Tensors that hold no neurons, or none that can be read, with the reasons. */
  readonly skipped: readonly SkippedTensor[];
  /** Sentences about the whole file that whoever looks at its layers should know. */
  readonly notes: readonly string[];
  /** Closes the files; layers can't be read afterwards. */
  close(): Promise<void>;
}

/** A matrix of neurons in a model. Its numbers are read when they are asked for. */
export interface LayerSource {
  /** The layer's name, unique within the model. */
  readonly name: string;
  /** What it belongs to: "Conv", "dense", or "matrix" where the format doesn't tell. */
  readonly kind: string;
  /** What it does in the network, where that is known. */
  readonly role?: Role | undefined;
  /** How attention heads divide it, where the model says so. Nothing is guessed from sizes. */
  readonly heads?: HeadDivision | undefined;
  /** The node or layer of the network that reads it, where the format says so: converters make up names like `const_fold_opt__727`. */
  readonly readBy?: string | undefined;
  /** The sizes of its axes, as they are stored. */
  readonly shape: Shape;
  /** Which of its axes are neurons. */
  readonly layout: Layout;
  /** The type of its numbers as they are stored: "float32", "bfloat16", "uint8 (quantized)". */
  readonly dataType: string;
  /** What whoever looks at the layer should know, such as a convention that was followed. */
  readonly note?: string | undefined;
  /**
   * Reads all its numbers, row major in its own shape.
   *
   * @throws EnergyError `invalid-file` where they are damaged or can't be had
   */
  read(): Promise<FloatArray>;
  /**
   * Reads the numbers `from` … `from + count − 1`, row major in its own shape. Present where the format allows to read a part, for matrices that
   * don't fit into memory.
   *
   * @throws EnergyError `invalid-file` where they are damaged or can't be had
   */
  readPart?(from: number, count: number): Promise<FloatArray>;
  /** Reads the names of its neurons, a vocabulary say, where the file has them: as many as there are neurons, in their order. */
  rowNames?(): Promise<readonly string[] | undefined>;
}

/**
 * What a matrix does in its network: "query", "key", "value", "output", "gate", "up", "down", "embedding", "head",
 * "input gate", "expert 3 up", … A word for people and for filters, not a closed list.
 */
export type Role = string;

/** How the heads of an attention divide a matrix: into equal stretches, one after another. */
export interface HeadDivision {
  /** How many heads the matrix has. Under grouped queries, matrices of keys and values have fewer than those of queries. */
  readonly count: number;
  /** How many neurons a head has; in an output projection, how many inputs come from it. */
  readonly size: number;
  /** Whether a head is a stretch of neurons (queries, keys, values) or of inputs (the output projection, whose columns are what a head writes). */
  readonly along: "neurons" | "inputs";
  /** How many heads of queries each of these heads serves: more than 1 under grouped queries. */
  readonly queries: number;
  /** What says so: "config.json", "the metadata of the file", a node of the graph. */
  readonly source: string;
}

/** A tensor that holds no neurons, or none that can be read. */
export interface SkippedTensor {
  /** The tensor's name in the file. */
  readonly name: string;
  /** The sizes of its axes. */
  readonly shape: Shape;
  /** The type of its numbers as they are stored. */
  readonly dataType: string;
  /** Why it is no layer, in words. */
  readonly reason: string;
}

/** The reason, in words, why a tensor of this shape can't hold neurons; `undefined` where it can. */
export function whyNoNeurons(shape: Shape): string | undefined {
  if (shape.some((size) => size === 0)) return "empty";
  if (shape.length === 0) return "a single number";
  if (shape.length === 1) return "a vector: biases and norms have no directions to compare";
  return undefined;
}

/** How many numbers an array of this shape holds. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);
