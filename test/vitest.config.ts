import { defineConfig } from "vitest/config";

// `runtimes/` needs more than the registry's packages, and installing into empty projects takes minutes: both have commands of their own,
// `npm run test:tfjs-node` and `npm run test:packages` at the root.
const include = ["*.test.ts", "packages/tarballs.test.ts", "release/*.test.ts"];

export default defineConfig(({ mode }) => ({
  test:
    mode === "packages"
      ? { include: ["packages/*.test.ts"], testTimeout: 300_000, hookTimeout: 300_000 }
      : { include, testTimeout: 120_000 },
}));
