/** The number types of ggml, by their number in a file (`enum ggml_type` of ggml.h): how many numbers a block has, in how many bytes. */
import type { DecodeBlocks } from "./blocks/block-type.js";
import { q2_k, q3_k, q4_k, q5_k, q6_k, q8_k } from "./blocks/k-quants.js";
import { q4_0, q4_1, q5_0, q5_1, q8_0 } from "./blocks/plain.js";
import { iq4_nl, iq4_xs, mxfp4, nvfp4, tq1_0, tq2_0 } from "./blocks/tables.js";

export interface GgmlType {
  /** What the type is called where it is shown: "Q4_K", "float16". */
  readonly name: string;
  /** Numbers of a block, which lie along the innermost axis. */
  readonly numbers: number;
  /** Bytes of a block. */
  readonly bytes: number;
  /** How blocks of numbers are decoded, for types that pack numbers in blocks. */
  readonly blocks?: DecodeBlocks;
  /** The type of the numbers, for types whose numbers stand alone. */
  readonly plain?: "float32" | "float64" | "float16" | "bfloat16" | "int8" | "int16" | "int32" | "int64";
}

const plain = (name: NonNullable<GgmlType["plain"]>, bytes: number): GgmlType => ({
  name,
  numbers: 1,
  bytes,
  plain: name,
});
const packed = (name: string, numbers: number, bytes: number, blocks?: DecodeBlocks): GgmlType => ({
  name,
  numbers,
  bytes,
  ...(blocks && { blocks }),
});

/** Types without `blocks` or `plain` are known in size alone: their tensors are left out by name. */
export const ggmlTypes: ReadonlyMap<number, GgmlType> = new Map([
  [0, plain("float32", 4)],
  [1, plain("float16", 2)],
  [2, packed("Q4_0", 32, 18, q4_0)],
  [3, packed("Q4_1", 32, 20, q4_1)],
  [6, packed("Q5_0", 32, 22, q5_0)],
  [7, packed("Q5_1", 32, 24, q5_1)],
  [8, packed("Q8_0", 32, 34, q8_0)],
  [9, packed("Q8_1", 32, 36)],
  [10, packed("Q2_K", 256, 84, q2_k)],
  [11, packed("Q3_K", 256, 110, q3_k)],
  [12, packed("Q4_K", 256, 144, q4_k)],
  [13, packed("Q5_K", 256, 176, q5_k)],
  [14, packed("Q6_K", 256, 210, q6_k)],
  [15, packed("Q8_K", 256, 292, q8_k)],
  [16, packed("IQ2_XXS", 256, 66)],
  [17, packed("IQ2_XS", 256, 74)],
  [18, packed("IQ3_XXS", 256, 98)],
  [19, packed("IQ1_S", 256, 50)],
  [20, packed("IQ4_NL", 32, 18, iq4_nl)],
  [21, packed("IQ3_S", 256, 110)],
  [22, packed("IQ2_S", 256, 82)],
  [23, packed("IQ4_XS", 256, 136, iq4_xs)],
  [24, plain("int8", 1)],
  [25, plain("int16", 2)],
  [26, plain("int32", 4)],
  [27, plain("int64", 8)],
  [28, plain("float64", 8)],
  [29, packed("IQ1_M", 256, 56)],
  [30, plain("bfloat16", 2)],
  [34, packed("TQ1_0", 256, 54, tq1_0)],
  [35, packed("TQ2_0", 256, 66, tq2_0)],
  [39, packed("MXFP4", 32, 17, mxfp4)],
  [40, packed("NVFP4", 64, 36, nvfp4)],
  [41, packed("Q1_0", 128, 18)],
]);

/** Types that were in files once and whose layout isn't kept any more. */
export const formerTypes: ReadonlyMap<number, string> = new Map([
  [4, "Q4_2"],
  [5, "Q4_3"],
  [31, "Q4_0_4_4"],
  [32, "Q4_0_4_8"],
  [33, "Q4_0_8_8"],
  [36, "IQ4_NL_4_4"],
  [37, "IQ4_NL_4_8"],
  [38, "IQ4_NL_8_8"],
]);
