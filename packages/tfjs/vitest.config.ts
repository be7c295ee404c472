import { defineConfig } from "vitest/config";

const include = ["src/**/*.test.ts", "test/**/*.test.ts"];
/** It looks at what an engine has before anything is registered with it. */
const alone = "src/wasm-training/enable-wasm-training.test.ts";

// The files share one tfjs, which takes longer to load than most of them to run.
export default defineConfig({
  test: {
    projects: [
      { test: { name: "shared", include, exclude: [alone], isolate: false, testTimeout: 60_000 } },
      { test: { name: "alone", include: [alone], testTimeout: 60_000 } },
    ],
  },
});
