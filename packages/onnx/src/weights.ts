/**
 * Reads the weights of ONNX files, without ONNX Runtime and without the rest of core, so that it loads fast. This is `@comhe/models/onnx`, and
 * `@comhe/onnx` exports all of it, too.
 *
 * @packageDocumentation
 */
export * from "@comhe/models/onnx";
