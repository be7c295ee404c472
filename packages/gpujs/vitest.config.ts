import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 120_000,
    // The browser's page beside the modes of Node, also where there are but two cores.
    maxWorkers: 2,
  },
});
