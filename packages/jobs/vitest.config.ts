import { defineConfig } from "vitest/config";

/** Engine tests start servers and workers of their own: one file at a time. */
export default defineConfig({
  test: { include: ["src/**/*.test.ts", "test/**/*.test.ts"], testTimeout: 60_000, fileParallelism: false },
});
