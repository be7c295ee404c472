import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { z } from "zod";

const PACKAGES = ["@comhe/core", "@comhe/tfjs", "@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"] as const;

/** Versions of what computes, as installed. */
export function describeVersions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const manifest = z.object({ version: z.string() });
  return Object.fromEntries(
    PACKAGES.map((name) => [
      name,
      manifest.parse(JSON.parse(readFileSync(require.resolve(`${name}/package.json`), "utf8"))).version,
    ]),
  );
}
