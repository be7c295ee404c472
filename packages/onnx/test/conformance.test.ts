/** The conformance suite on ONNX Runtime: the CPU provider of Node, and WebAssembly as in browsers. */
import { testBackend } from "@comhe/conformance";
import * as node from "onnxruntime-node";
import { onnxBackend } from "../src/index.js";

testBackend({
  name: "onnxruntime-node, cpu",
  create: () => onnxBackend({ runtime: node, executionProviders: ["cpu"], sessionOptions: { intraOpNumThreads: 1 } }),
  // Chords of close pairs are 1 − c there, which float32 rounds to 6e-8.
  tolerance: { energy: 3e-5, gradient: 1e-4, near: 5e-3 },
});
