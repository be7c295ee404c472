/** All formats, in the order in which they are asked whether a file is theirs: the surest sign first. */
import type { Format } from "./format.js";
import { npy } from "./formats/npy/index.js";
import { npz } from "./formats/npz/index.js";
import { onnx } from "./formats/onnx/index.js";
import { safetensors } from "./formats/safetensors/index.js";
import { tfjs } from "./formats/tfjs/index.js";

export const formats: readonly Format[] = [npy, npz, safetensors, tfjs, onnx];
