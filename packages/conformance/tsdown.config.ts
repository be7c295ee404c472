import { defineConfig } from "tsdown";
import { library } from "../../tsdown.base.js";

export default defineConfig([
  { ...library, entry: { index: "src/index.ts", checks: "src/checks.ts" }, format: "esm" },
  // vitest can't be required, so what registers tests with it is ESM alone.
  { ...library, entry: { checks: "src/checks.ts" }, format: "cjs", clean: false },
]);
