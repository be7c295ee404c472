/** docs/usage/writing-a-potential.md: its code is the sources', and its list of files is what a search finds. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const guide = read("docs/usage/writing-a-potential.md");

it("quotes the formula as it stands", () => {
  const [, code] = /^```ts potential-formulas\.ts#frame\n([\s\S]*?)^```$/m.exec(guide)!;
  expect(read("packages/core/src/energy/potential-formulas.ts")).toContain(code);
});

it("lists the files that know the frame potential", () => {
  const packages = new URL("../packages/", import.meta.url);
  const sources = readdirSync(packages).flatMap((name) =>
    readdirSync(new URL(`${name}/src/`, packages), { recursive: true, encoding: "utf8" }).map(
      (path) => `${name}/src/${path.replaceAll("\\", "/")}`,
    ),
  );
  const knowing = sources
    .filter((path) => /\.ts$/.test(path) && !/\.test\.ts$/.test(path))
    .filter((path) =>
      /"frame\d?"|\bframe p=|frame, p =|\bFramePotential\b|^\s*frame: \{/m.test(read(`packages/${path}`)),
    )
    .sort();
  const listed = [...guide.matchAll(/^- `(.*)`$/gm)].map(([, path]) => path);
  expect(knowing).toEqual(listed);
});
