import { defineConfig } from "tsdown";

export default defineConfig({
  entry: { index: "src/index.ts", "wasm-training": "src/wasm-training/index.ts" },
  format: ["esm", "cjs"],
  platform: "neutral",
  target: "es2022",
  fixedExtension: false,
  dts: true,
  // What docstrings say stands in the types, where editors read it, and in the source maps.
  outputOptions: { comments: { jsdoc: false } },
  sourcemap: true,
});
