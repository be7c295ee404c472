/**
 * Hyperspherical energy on ONNX Runtime ({@link onnxBackend}) and as ONNX files ({@link exportEnergyModel}), and the weights of ONNX files
 * ({@link readWeights}).
 *
 * @packageDocumentation
 */
export { type OnnxBackend, type OnnxBackendOptions, type OnnxValue, onnxBackend } from "./backend/onnx-backend.js";
export type { ExecutionProviders, OnnxRuntime, SessionOptions } from "./backend/runtime.js";
export { type ExportOptions, energyModelInputs, exportEnergyModel } from "./export/export-energy-model.js";
export type { ModelShape } from "./export/model-shape.js";
export * from "./weights.js";
