import { defineConfig } from "tsdown";

export default defineConfig({
  entry: { index: "src/index.ts" },
  format: ["esm", "cjs"],
  platform: "node",
  target: "es2022",
  fixedExtension: false,
  dts: true,
  sourcemap: true,
  // What loads the binary resolves it from the module's own place.
  shims: true,
});
