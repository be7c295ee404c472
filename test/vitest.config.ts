import { defineConfig } from "vitest/config";

// What `runtimes/` holds needs more than the registry's packages, and has commands of its own.
export default defineConfig({
  test: { include: ["*.test.ts", "packages/*.test.ts", "release/*.test.ts"], testTimeout: 120_000 },
});
