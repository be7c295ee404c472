import { defineConfig } from "tsdown";
import { library, withoutDocstrings } from "../../tsdown.base.js";

export default defineConfig({
  ...library,
  ...withoutDocstrings,
  entry: {
    index: "src/index.ts",
    layouts: "src/layouts.ts",
    "tensor-backend": "src/tensor-backend/index.ts",
    "host-functions": "src/host-functions.ts",
    "pair-functions": "src/pair-functions.ts",
    formulas: "src/formulas.ts",
  },
});
