import { defineConfig } from "tsdown";
import { program } from "../tsdown.base.js";

export default defineConfig({
  ...program,
  entry: {
    main: "src/main.ts",
    plots: "src/plots.ts",
    estimator: "src/estimator/main.ts",
    "truth-worker": "src/exact/truth-worker.ts",
    "memory-probe": "src/memory-probe.ts",
    "step-probe": "src/cost/step-probe.ts",
    "onnx-profile": "src/onnx-profile.ts",
    compare: "src/compare/main.ts",
    statistics: "src/statistics/main.ts",
    gpu: "src/gpu/main.ts",
  },
  sourcemap: false,
});
