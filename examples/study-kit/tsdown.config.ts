import { defineConfig } from "tsdown";
import { program } from "../../tsdown.base.js";

export default defineConfig({
  ...program,
  entry: { index: "src/index.ts", training: "src/training.ts", worker: "src/worker.ts" },
  dts: true,
});
