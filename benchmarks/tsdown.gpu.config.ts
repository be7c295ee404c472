/** The run on a GPU with every package it takes in a few files, but for what is native: `src/gpu/pack.ts` calls for it. */
import { defineConfig } from "tsdown";

export default defineConfig({
  entry: { main: "src/gpu/main.ts" },
  format: "esm",
  platform: "node",
  target: "node20",
  dts: false,
  fixedExtension: false,
  minify: true,
  noExternal: /^(?!webgpu$|onnxruntime-node$)/,
  external: ["webgpu", "onnxruntime-node"],
});
