/** The conformance suite on the CPU provider of Node. */
import { testBackend } from "@comhe/conformance";
import { backendOn, tolerance } from "./support/runtimes.js";

const name = "onnxruntime-node, cpu";
testBackend({ name, create: () => backendOn(name), tolerance });
