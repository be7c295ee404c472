/**
 * Reading the weights of ONNX files, without ONNX Runtime and without the rest of core: what loads fast. It is `@comhe/models/onnx`; all of
 * it is in `@comhe/onnx` too.
 *
 * @packageDocumentation
 */
export * from "@comhe/models/onnx";
