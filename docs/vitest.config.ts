import { defineConfig } from "vitest/config";

/** `--mode accessibility` looks at the pages in Chromium by axe-core; it isn't part of the default run. */
export default defineConfig(({ mode }) => ({
  test: {
    include: mode === "accessibility" ? ["accessibility.test.ts"] : ["site.test.ts", "your-gpu.test.ts"],
    globalSetup: "build-site.ts",
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
}));
