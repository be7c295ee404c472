import { defineConfig } from "vitest/config";

// Nothing here keeps state in modules, so that all files can share them.
export default defineConfig({
  test: { include: ["src/**/*.test.ts", "test/**/*.test.ts"], testTimeout: 60_000, isolate: false },
});
