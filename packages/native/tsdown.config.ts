import { defineConfig } from "tsdown";
import { library } from "../../tsdown.base.js";

export default defineConfig({
  ...library,
  entry: { index: "src/index.ts" },
  platform: "node",
  // What loads the binary resolves it from the module's own place.
  shims: true,
});
