/** What a page downloads that computes an energy in WebAssembly: how much it is, and that nothing of it is there for what the page doesn't do. */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";

const page = `import { energyAndGradient } from "@comhe/core";
import { wasmBackend } from "@comhe/wasm";
globalThis.energyOf = (config, weights) => energyAndGradient(wasmBackend(), config, weights);`;

/** Bytes, minified and compressed as a server does it by itself. Due: 60,000, when statistics of pairs load where they are used. */
const allowed = 73_000;

/** Minified as an application's build would. */
async function bundleOf(contents: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    ...{ bundle: true, minify: true, format: "esm", platform: "browser", write: false, metafile: true },
  });
  const { inputs } = Object.values(metafile.outputs)[0]!;
  const sizes = Object.entries(inputs).map(([path, { bytesInOutput }]) => [path, bytesInOutput] as const);
  return { text: outputFiles[0]!.text, packed: gzipSync(outputFiles[0]!.contents, { level: 9 }).length, sizes };
}

describe("energyAndGradient on wasmBackend, bundled", async () => {
  const { text, packed, sizes } = await bundleOf(page);
  const largest = [...sizes].sort(([, a], [, b]) => b - a).slice(0, 8);

  test(`is at most ${allowed} bytes`, () => {
    console.info(
      `${text.length} bytes minified, ${packed} gzipped; most of it: ${largest.map(([path, size]) => `${size} ${path}`).join(", ")}`,
    );
    expect(packed).toBeLessThanOrEqual(allowed);
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
