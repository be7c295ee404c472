/**
 * Readers of trained models. They find the matrices of neurons in a file of weights, whichever program wrote it, and run in Node, Bun, Deno
 * and web pages.
 *
 * @packageDocumentation
 */

export type { BaseTensors } from "./conventions/adapters/base-tensors.js";
export { type AttentionPart, attentionPart } from "./conventions/head-division.js";
export { layerOf, type Placement } from "./conventions/layer-of.js";
export { type PlacingOptions, placeTensors } from "./conventions/place-tensors.js";
export type { Rule, RuleContext } from "./conventions/tensor-bag.js";
export { TensorBag } from "./conventions/tensor-bag.js";
export type { Format, ModelConfig, ModelParts, OpenOptions, ReadContext } from "./format.js";
export type { HeadDivision, LayerSource, ModelContents, Role, SkippedTensor } from "./layer-source.js";
export { sizeOf, whyNoNeurons } from "./layer-source.js";
export { openModel } from "./open-model.js";
export { readNeurons } from "./read-neurons.js";
export type { ByteSource } from "./source/byte-source.js";
export { type ModelAmong, modelsAmong } from "./source/models-among.js";
export type { Neighbours } from "./source/neighbours.js";
export type { ModelInput, SourceOptions } from "./source/open-source.js";
export type { RemoteOptions } from "./source/remote/remote-options.js";
export type { KnownPlace, NumberArray, StoredTensor } from "./tensors/stored-tensor.js";
export type { ZipEntry } from "./zip/zip-entry.js";
