import { defineConfig } from "tsdown";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    layouts: "src/layouts.ts",
    "tensor-backend": "src/tensor-backend/index.ts",
    "host-functions": "src/host-functions.ts",
    "pair-functions": "src/pair-functions.ts",
    formulas: "src/formulas.ts",
  },
  format: ["esm", "cjs"],
  platform: "neutral",
  target: "es2022",
  fixedExtension: false,
  dts: true,
  // What docstrings say stands in the types, where editors read it, and in the source maps.
  outputOptions: { comments: { jsdoc: false } },
  sourcemap: true,
});
