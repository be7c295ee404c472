import { defineConfig } from "vitest/config";

const include = ["src/**/*.test.ts", "test/**/*.test.ts"];
/** It looks at what an engine has before anything is registered with it. */
const alone = "src/wasm-training/enable-wasm-training.test.ts";

/** What draws without a seed draws the same at every run. */
const setupFiles = ["../../test/support/fixed-random.ts"];

// The files share one tfjs, which takes longer to load than most of them to run.
export default defineConfig({
  test: {
    projects: [
      { test: { name: "shared", include, exclude: [alone], setupFiles, isolate: false, testTimeout: 60_000 } },
      { test: { name: "alone", include: [alone], setupFiles, testTimeout: 60_000 } },
    ],
  },
});
