import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { z } from "zod";

const PACKAGES = ["@comhe/core", "@comhe/tfjs", "@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"] as const;

/** Versions of what computes, as the example at `from` (its `import.meta.url`) has them installed. */
export function describeVersions(from: string): Record<string, string> {
  const require = createRequire(from);
  const manifest = z.object({ version: z.string() });
  return Object.fromEntries(
    PACKAGES.map((name) => [
      name,
      manifest.parse(JSON.parse(readFileSync(require.resolve(`${name}/package.json`), "utf8"))).version,
    ]),
  );
}
