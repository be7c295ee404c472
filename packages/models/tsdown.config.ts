import { defineConfig } from "tsdown";
import { formatsWithout, library, withoutDocstrings } from "../../tsdown.base.js";

const notice = "/*! Of hyparquet, hyparquet-compressors and hysnappy: MIT License (c) Hyperparam (hyperparam.app) */";

export default defineConfig({
  ...library,
  ...withoutDocstrings,
  entry: { index: "src/index.ts", onnx: "src/onnx.ts" },
  format: formatsWithout(["hyparquet", "hyparquet-compressors", "hysnappy"], notice),
});
