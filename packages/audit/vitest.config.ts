import { defineConfig } from "vitest/config";

/** One browser at a time. */
export default defineConfig({
  test: { include: ["src/**/*.test.ts", "test/**/*.test.ts"], testTimeout: 60_000, fileParallelism: false },
});
