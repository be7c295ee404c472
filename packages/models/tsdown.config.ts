import { defineConfig } from "tsdown";

/** ES modules only, which a runner with a CommonJS loader of its own (Jest, say) can't require: part of the CommonJS build. */
const esmOnly = ["hyparquet", "hyparquet-compressors", "hysnappy"];
const bundled = {
  alwaysBundle: (id: string) => esmOnly.some((name) => id === name || id.startsWith(`${name}/`)),
  onlyBundle: esmOnly,
  skipNodeModulesBundle: false,
};
const banner = (chunk: { readonly moduleIds: readonly string[] }) =>
  chunk.moduleIds.some((id) => esmOnly.some((name) => id.includes(`/node_modules/${name}/`)))
    ? "/*! Of hyparquet, hyparquet-compressors and hysnappy: MIT License (c) Hyperparam (hyperparam.app) */"
    : "";

export default defineConfig({
  entry: { index: "src/index.ts", onnx: "src/onnx.ts" },
  format: { esm: {}, cjs: { deps: bundled, outputOptions: { banner } } },
  platform: "neutral",
  target: "es2022",
  fixedExtension: false,
  dts: true,
  sourcemap: true,
});
