import { defineConfig } from "vitest/config";

// `runtimes/` needs more than the registry's packages; installing into empty projects, and a rehearsed release, take minutes: they have commands
// of their own, `npm run test:tfjs-node`, `test:packages` and `test:release` at the root, and the nightly workflow runs them.
const include = ["*.test.ts", "packages/tarballs.test.ts"];
const minutes = { testTimeout: 300_000, hookTimeout: 300_000 };

export default defineConfig(({ mode }) => ({
  test:
    mode === "packages"
      ? { include: ["packages/*.test.ts"], ...minutes }
      : mode === "release"
        ? { include: ["release/*.test.ts"], ...minutes }
        : { include, setupFiles: "support/fixed-random.ts", testTimeout: 120_000, hookTimeout: 120_000 },
}));
