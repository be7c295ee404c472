import { defineConfig } from "tsdown";

/** ES modules only, which a runner with a CommonJS loader of its own (Jest, say) can't require: part of the CommonJS build. */
const esmOnly = "onnx-buf";
const bundled = {
  alwaysBundle: (id: string) => id.startsWith(esmOnly),
  onlyBundle: [esmOnly],
  skipNodeModulesBundle: false,
};
const banner = (chunk: { readonly moduleIds: readonly string[] }) =>
  chunk.moduleIds.some((id) => id.includes(`/${esmOnly}/`))
    ? "/*! Of onnx-buf: MIT License (c) Eric Zhang, from ONNX's definitions, Apache-2.0 */"
    : "";

export default defineConfig({
  entry: { index: "src/index.ts", weights: "src/weights.ts" },
  format: { esm: {}, cjs: { deps: bundled, outputOptions: { banner } } },
  platform: "neutral",
  target: "es2022",
  fixedExtension: false,
  dts: true,
  sourcemap: true,
});
