/**
 * What a page downloads that computes an energy in WebAssembly: how much it is, and that nothing of it is there for what the page doesn't do.
 * Measured is everything that the page loads before its first energy: its own chunk and all that this one imports. What is imported later,
 * the kernels of statistics, is printed beside it.
 */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";

const page = `import { energyAndGradient } from "@comhe/core";
import { wasmBackend } from "@comhe/wasm";
globalThis.energyOf = (config, weights) => energyAndGradient(wasmBackend(), config, weights);`;

/** Bytes, minified, each file compressed as a server does it by itself. */
const allowed = 60_000;

/** Minified as an application's build would. */
async function bundleOf(contents: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    ...{ bundle: true, minify: true, format: "esm", platform: "browser", write: false, metafile: true },
    ...{ splitting: true, outdir: "bundle", absWorkingDir: import.meta.dirname },
  });
  const first = new Set<string>();
  const follow = (path: string) => {
    if (first.has(path)) return;
    first.add(path);
    for (const { path: next, kind } of metafile.outputs[path]!.imports) if (kind === "import-statement") follow(next);
  };
  follow("bundle/stdin.js");
  const files = Object.keys(metafile.outputs).map((path) => {
    const { contents, text } = outputFiles.find((file) => file.path === join(import.meta.dirname, path))!;
    return { path, text, packed: gzipSync(contents, { level: 9 }).length };
  });
  const loaded = files.filter(({ path }) => first.has(path));
  const later = files.filter(({ path }) => !first.has(path));
  const sum = (some: typeof files) => some.reduce((total, { packed }) => total + packed, 0);
  const sizes = loaded.flatMap(({ path }) =>
    Object.entries(metafile.outputs[path]!.inputs).map(([input, { bytesInOutput }]) => [input, bytesInOutput] as const),
  );
  return { text: loaded.map(({ text }) => text).join("\n"), packed: sum(loaded), later: sum(later), sizes };
}

describe("energyAndGradient on wasmBackend, bundled", async () => {
  const { text, packed, later, sizes } = await bundleOf(page);
  const largest = [...sizes].sort(([, a], [, b]) => b - a).slice(0, 8);

  test(`is at most ${allowed} bytes`, () => {
    console.info(
      `${text.length} bytes minified, ${packed} gzipped, and ${later} where statistics are asked for; most of it: ${largest.map(([path, size]) => `${size} ${path}`).join(", ")}`,
    );
    expect(packed).toBeLessThanOrEqual(allowed);
  });

  test("has no statistics of pairs, whose kernels come when they are asked for", async () => {
    expect(later).toBeGreaterThan(5000);
    expect(text).not.toContain("nearestRanks:");
    expect(sizes.some(([path]) => /\/statistics-/.test(path))).toBe(false);
  });

  test("has no linear algebra package, which low-rank factors alone need", async () => {
    const hasIt = ({ sizes }: Awaited<ReturnType<typeof bundleOf>>) =>
      sizes.some(([path]) => path.includes("ml-matrix"));
    expect(hasIt(await bundleOf(page))).toBe(false);
    expect(hasIt(await bundleOf(`export { bilateralFactors } from "@comhe/core";`))).toBe(true);
  });

  test("has no JSON Schema and no words of the validator in other languages", () => {
    expect(text).not.toMatch(/json-schema\.org|attendu/);
  });

  test("has no estimates, diagnostics and suggestions", () => {
    expect(text).not.toMatch(/estimateEnergy|suggestProjection|projectionDistortion/);
  });
});
