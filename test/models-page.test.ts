/** What a page loads that reads safetensors: the readers it needs, and none of the others. */
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";
import { expect, it } from "vitest";

/** Bytes, gzipped. */
const allowed = 30_000;

it(`a page that reads safetensors loads at most ${allowed} bytes of readers`, async () => {
  const contents = `import { openModel } from "@comhe/models"; globalThis.openModel = openModel;`;
  const { metafile, outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    format: "esm",
    splitting: true,
    minify: true,
    metafile: true,
    write: false,
    outdir: "page",
    platform: "browser",
  });
  const { outputs } = metafile;
  const entryOf = (point: RegExp) => Object.keys(outputs).find((path) => point.test(outputs[path]!.entryPoint ?? ""))!;
  const loaded = new Set<string>();
  for (const path of [entryOf(/stdin/), entryOf(/read-safetensors/)]) addWithImports(outputs, path, loaded);
  const sizes = [...loaded].map((path) => {
    const file = outputFiles.find((each) => each.path.endsWith(`/${path.split("/").at(-1)}`))!;
    return gzipSync(file.contents).length;
  });
  const total = sizes.reduce((sum, size) => sum + size, 0);
  console.info(`${loaded.size} files, ${total} bytes gzipped`);
  expect(total).toBeLessThan(allowed);
  expect(total).toBeGreaterThan(5000);
  const inputs = [...loaded].flatMap((path) => Object.keys(outputs[path]!.inputs));
  expect(inputs.filter((path) => /valibot|zod|protobuf|fflate|hyparquet|arrow/.test(path))).toEqual([]);
});

/** With what it imports at once; not with what it imports when it is needed. */
function addWithImports(outputs: Metafile["outputs"], path: string, loaded: Set<string>): void {
  if (loaded.has(path)) return;
  loaded.add(path);
  for (const { path: imported, kind } of outputs[path]!.imports) {
    if (kind === "import-statement") addWithImports(outputs, imported, loaded);
  }
}
