/** The conformance suite on WebAssembly, the provider of browsers without WebGPU; the same library runs in Node. */
import { testBackend } from "@comhe/conformance";
import { backendOn, tolerance } from "./support/runtimes.js";

const name = "onnxruntime-web, wasm";
testBackend({ name, create: () => backendOn(name), tolerance });
