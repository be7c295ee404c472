/**
 * Reads the weights of ONNX files, without ONNX Runtime and without the rest of core, so that it loads fast. `@comhe/onnx` exports all of it, too.
 *
 * @packageDocumentation
 */
export type { AttentionUse } from "./formats/onnx/attention-heads.js";
export type { Consumer, ModelWeight, ModelWeights, UnplacedTensor } from "./formats/onnx/model-weights.js";
export { type ModelFile, type ReadWeightsOptions, readWeights } from "./formats/onnx/read-weights.js";
export type { Limits } from "./formats/onnx/wire-cursor.js";
