/**
 * A named array of a format that holds bare arrays: safetensors, npz, PyTorch, Flax, HDF5 weights, GGUF. Its reader says
 * nothing about neurons; `conventions/` does.
 */
import type { Layout, Shape } from "@comhe/core/layouts";
import type { Role } from "../layer-source.js";

/** Numbers as they were stored, in a typed array that holds them exactly. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** A named array of a file, none of whose numbers are read before they are asked for. */
export interface StoredTensor {
  /** The array's name, unique within the file. */
  readonly name: string;
  /** The sizes of its axes. */
  readonly shape: Shape;
  /** The type of its numbers as they are stored: "float32", "bfloat16", "int32". */
  readonly dataType: string;
  /**
   * Whether its numbers are real ones, which are read as Float32Array or Float64Array. If not, they are integer codes, labels or
   * indices, which no layer is made of before something that knows them has decoded them.
   */
  readonly floating: boolean;
  /**
   * Reads the numbers `from` … `from + count − 1`, row major. Those of 64-bit integers come as Float64Array.
   *
   * @throws EnergyError `invalid-file` where they are damaged or can't be had; `unsupported` for 64-bit integers that a float64 can't hold
   */
  read(from: number, count: number): Promise<NumberArray>;
  /** Whether reading a part costs no more than that part; if not, each read costs the whole array. */
  readonly inParts: boolean;
  /** What the format itself says of the array; conventions leave alone what is said here. */
  readonly known?: KnownPlace | undefined;
  /** Whether its format keeps neurons on the last axis where nothing else is known, as TensorFlow does. */
  readonly neuronsLast?: boolean | undefined;
  /** Reads the names of its rows along axis 0, a vocabulary say. */
  readonly rowNames?: (() => Promise<readonly string[] | undefined>) | undefined;
  /** What was done to it on the way, for the layer's note: "4-bit codes times their scales (GPTQ)". */
  readonly note?: string | undefined;
}

/** Where a format says what a tensor is. */
export interface KnownPlace {
  /** What the tensor belongs to: "Linear", "Dense", "embedding". */
  readonly kind: string;
  /** Which of its axes are neurons. */
  readonly layout: Layout;
  /** What it does in the network, where that is known. */
  readonly role?: Role | undefined;
  /** The node or layer of the network that reads it. */
  readonly readBy?: string | undefined;
  /** What whoever looks at the layer should know. */
  readonly note?: string | undefined;
}
