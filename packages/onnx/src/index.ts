/** Hyperspherical energy on ONNX Runtime, and the weights of ONNX files. */
export * from "./weights/index.js";
