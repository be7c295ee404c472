/** Reads the weights of any ONNX file, and says by which operation each is consumed. */
export {};
