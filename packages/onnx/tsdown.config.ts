import { defineConfig } from "tsdown";
import { formatsWithout, library } from "../../tsdown.base.js";

const notice = "/*! Of onnx-buf: MIT License (c) Eric Zhang, from ONNX's definitions, Apache-2.0 */";

export default defineConfig({
  ...library,
  entry: { index: "src/index.ts", weights: "src/weights.ts" },
  format: formatsWithout(["onnx-buf"], notice),
});
