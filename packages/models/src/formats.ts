/** All formats, in the order in which they are asked whether a file is theirs: the surest sign first. */
import type { Format } from "./format.js";
import { arrow } from "./formats/arrow/index.js";
import { flax } from "./formats/flax/index.js";
import { gguf } from "./formats/gguf/index.js";
import { hdf5, keras } from "./formats/keras/index.js";
import { npy } from "./formats/npy/index.js";
import { npz } from "./formats/npz/index.js";
import { onnx } from "./formats/onnx/index.js";
import { parquet } from "./formats/parquet/index.js";
import { peft } from "./formats/peft/index.js";
import { pytorch } from "./formats/pytorch/index.js";
import { safetensors } from "./formats/safetensors/index.js";
import { shards } from "./formats/shards/index.js";
import { tensorBundle } from "./formats/tensorflow/index.js";
import { textTable } from "./formats/text-table/index.js";
import { tfjs } from "./formats/tfjs/index.js";
import { tflite } from "./formats/tflite/index.js";
import { vecs } from "./formats/vecs/index.js";
import { word2vec } from "./formats/word2vec/index.js";

export const formats: readonly Format[] = [
  npy,
  pytorch,
  npz,
  gguf,
  hdf5,
  keras,
  parquet,
  arrow,
  safetensors,
  shards,
  peft,
  tfjs,
  tflite,
  tensorBundle,
  flax,
  vecs,
  word2vec,
  textTable,
  onnx,
];
