import { defineConfig } from "tsdown";

const options = {
  platform: "neutral",
  target: "es2022",
  fixedExtension: false,
  dts: true,
  sourcemap: true,
} as const;

export default defineConfig([
  // vitest can't be required, so what registers tests with it is ESM alone.
  { ...options, entry: { index: "src/index.ts" }, format: ["esm"] },
  { ...options, entry: { checks: "src/checks.ts" }, format: ["esm", "cjs"], clean: false },
]);
