import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "../study-kit/test/temporary-folder.ts",
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 60_000,
  },
});
