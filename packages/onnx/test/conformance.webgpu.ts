/** The conformance suite on the webgpu provider of Node: `npm run conformance:webgpu`, see docs/usage/onnx-providers.md. */
import { testBackend } from "@comhe/conformance";
import * as runtime from "onnxruntime-node";
import { onnxBackend } from "../src/index.js";
import { tolerance } from "./support/runtimes.js";

testBackend({
  name: "onnxruntime-node, webgpu",
  create: () => onnxBackend({ runtime, executionProviders: ["webgpu"] }),
  tolerance,
  slow: true,
  skip: [{ what: "4099×9", why: "hours on a driver in software" }],
});
