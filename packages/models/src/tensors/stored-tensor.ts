/**
 * A named array of a format that holds bare arrays: safetensors, npz, PyTorch, Flax, HDF5 weights, GGUF. Its reader says
 * nothing about neurons; `conventions/` does.
 */
import type { Layout, Shape } from "@comhe/core/layouts";
import type { Role } from "../layer-source.js";

/** Numbers as they were stored, in whatever holds them exactly. */
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
  /** Unique within the file. */
  readonly name: string;
  readonly shape: Shape;
  /** As stored: "float32", "bfloat16", "int32". */
  readonly dataType: string;
  /**
   * Whether its numbers are real ones: read as Float32Array or Float64Array. If not, they are integer codes, labels or
   * indices, which no layer is made of before something that knows them has decoded them.
   */
  readonly floating: boolean;
  /**
   * Numbers `from` … `from + count`, row major. Those of 64-bit integers come as Float64Array.
   *
   * @throws EnergyError `invalid-file`; `unsupported` for 64-bit integers that a float64 can't hold
   */
  read(from: number, count: number): Promise<NumberArray>;
  /** Whether reading a part costs no more than that part; if not, each read costs the whole array. */
  readonly inParts: boolean;
  /** What the format itself knows of it; conventions leave alone what is said here. */
  readonly known?: KnownPlace | undefined;
  /** Whether its format keeps neurons on the last axis where nothing else is known, as TensorFlow does. */
  readonly neuronsLast?: boolean | undefined;
  /** Names of its rows along axis 0, such as a vocabulary. */
  readonly rowNames?: (() => Promise<readonly string[] | undefined>) | undefined;
  /** What was done to it on the way, for the layer's note: "4-bit codes times their scales (GPTQ)". */
  readonly note?: string | undefined;
}

/** Where a format says what a tensor is. */
export interface KnownPlace {
  /** "Linear", "Dense", "embedding". */
  readonly kind: string;
  readonly layout: Layout;
  readonly role?: Role | undefined;
  /** The node that reads it. */
  readonly readBy?: string | undefined;
  readonly note?: string | undefined;
}
