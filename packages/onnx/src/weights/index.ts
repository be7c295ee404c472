/** Reading the weights of ONNX files. */
export type { ModelFile } from "./byte-source.js";
export type { Consumer, ModelWeight, ModelWeights, UnplacedTensor } from "./model-weights.js";
export { type ReadWeightsOptions, readWeights } from "./read-weights.js";
