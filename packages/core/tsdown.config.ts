import { defineConfig } from "tsdown";

/** ES modules only, which a runner with a CommonJS loader of its own (Jest, say) can't require: part of the CommonJS build. */
const esmOnly = "@noble/ciphers";
const bundled = {
  alwaysBundle: (id: string) => id.startsWith(esmOnly),
  onlyBundle: [esmOnly],
  skipNodeModulesBundle: false,
};
const banner = (chunk: { readonly moduleIds: readonly string[] }) =>
  chunk.moduleIds.some((id) => id.includes(`/${esmOnly}/`))
    ? "/*! Of @noble/ciphers: MIT License (c) 2023 Paul Miller (paulmillr.com) */"
    : "";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    layouts: "src/layouts.ts",
    "tensor-backend": "src/tensor-backend/index.ts",
    "host-functions": "src/host-functions.ts",
    "pair-functions": "src/pair-functions.ts",
    formulas: "src/formulas.ts",
  },
  format: { esm: {}, cjs: { deps: bundled, outputOptions: { banner } } },
  platform: "neutral",
  target: "es2022",
  fixedExtension: false,
  dts: true,
  sourcemap: true,
});
