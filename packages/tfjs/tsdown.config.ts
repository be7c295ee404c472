import { defineConfig } from "tsdown";
import { library, withoutDocstrings } from "../../tsdown.base.js";

export default defineConfig({
  ...library,
  ...withoutDocstrings,
  entry: { index: "src/index.ts", "wasm-training": "src/wasm-training/index.ts" },
});
