import { defineConfig } from "tsdown";

export default defineConfig({
  entry: { index: "src/index.ts", training: "src/training.ts", worker: "src/worker.ts" },
  format: "esm",
  platform: "node",
  target: "node20",
  fixedExtension: false,
  dts: true,
  sourcemap: true,
});
