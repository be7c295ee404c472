import { defineConfig } from "tsdown";

const options = {
  platform: "neutral",
  target: "es2022",
  fixedExtension: false,
  dts: true,
  sourcemap: true,
} as const;

export default defineConfig([
  { ...options, entry: { index: "src/index.ts", checks: "src/checks.ts" }, format: ["esm"] },
  // vitest can't be required, so what registers tests with it is ESM alone.
  { ...options, entry: { checks: "src/checks.ts" }, format: ["cjs"], clean: false },
]);
