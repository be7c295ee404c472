import { defineConfig } from "tsdown";

export default defineConfig({
  entry: { index: "src/index.ts", pages: "src/pages.ts", rows: "src/layer/unit-rows.ts", text: "src/text.ts" },
  format: "esm",
  platform: "neutral",
  target: "es2022",
  fixedExtension: false,
  dts: true,
  sourcemap: true,
});
