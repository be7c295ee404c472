/**
 * Weights that are stored as codes with scales. Each rule replaces the parts of one packing by the floating tensor they
 * stand for, or leaves them out with the reason; they run before every other convention. The last one takes what nobody
 * knew.
 */
import type { Rule } from "../tensor-bag.js";
import { awq } from "./awq.js";
import { bitsandbytes4bit } from "./bitsandbytes-4bit.js";
import { bitsandbytesInt8 } from "./bitsandbytes-int8.js";
import { compressedTensors } from "./compressed-tensors.js";
import { float4 } from "./float4.js";
import { gptq } from "./gptq.js";
import { mlx } from "./mlx.js";
import { scaled } from "./scaled.js";
import { unknownPacking } from "./unknown-packing.js";

export const packedRules: readonly Rule[] = [
  gptq,
  awq,
  bitsandbytesInt8,
  bitsandbytes4bit,
  mlx,
  compressedTensors,
  float4,
  scaled,
  unknownPacking,
];
