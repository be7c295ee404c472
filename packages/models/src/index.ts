/**
 * Readers of trained models: which matrices of neurons a weights file holds, whatever wrote it. Runs in Node, Bun, Deno
 * and pages.
 *
 * @packageDocumentation
 */
export type { Rule, RuleContext } from "./conventions/tensor-bag.js";
export { TensorBag } from "./conventions/tensor-bag.js";
export type { Format, ModelConfig, ModelParts, OpenOptions, ReadContext } from "./format.js";
export type { LayerSource, ModelContents, Role, SkippedTensor } from "./layer-source.js";
export type { ByteSource } from "./source/byte-source.js";
export type { Neighbours } from "./source/neighbours.js";
export type { KnownPlace, NumberArray, StoredTensor } from "./tensors/stored-tensor.js";
export type { ZipEntry } from "./zip/zip-entry.js";
