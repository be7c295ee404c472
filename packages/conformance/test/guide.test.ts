/** The guide quotes code that is tested: each of its blocks is a region of a file beside this one. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

/** Blocks fenced as `ts file.ts#region`. */
const blocks = [...read("../../../docs/usage/writing-a-backend.md").matchAll(/^```ts(.*)\n([\s\S]*?)^```$/gm)].map(
  ([, source, code]) => ({ source: source!.trim(), code: code! }),
);

function region(source: string): string {
  const [file, name] = source.split("#");
  const [, after] = read(file!).split(`// #region ${name}\n`);
  expect(after, `no region ${source}`).toBeDefined();
  return after!.split("// #endregion")[0]!;
}

it("quotes every region of the minimal backend", () => {
  const regions = [...read("minimal-backend.ts").matchAll(/^\/\/ #region (.*)$/gm)].map(([, name]) => name);
  expect(blocks.map(({ source }) => source)).toEqual([
    ...regions.map((name) => `minimal-backend.ts#${name}`),
    "minimal-backend.test.ts#test",
  ]);
});

it.each(blocks.map(({ source, code }) => [source, code] as const))("%s", (source, code) => {
  expect(code).toBe(region(source));
});
