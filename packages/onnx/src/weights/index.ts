/**
 * Reading the weights of ONNX files, without ONNX Runtime and without the rest of core: what loads fast. All of it is in `@comhe/onnx` too.
 *
 * @packageDocumentation
 */
export type { ModelFile } from "./byte-source.js";
export type { Consumer, ModelWeight, ModelWeights, UnplacedTensor } from "./model-weights.js";
export { type ReadWeightsOptions, readWeights } from "./read-weights.js";
export type { Limits } from "./wire-cursor.js";
