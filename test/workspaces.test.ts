/** A workspace names every other that it imports, its tests included: else it builds where that one happens to be built, and nowhere else. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const tracked = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).trim().split("\n");
const folders = tracked.filter((path) => path.endsWith("/package.json")).map((path) => dirname(path));

/** The innermost workspace that holds a file. */
const workspaceOf = (path: string): string | undefined =>
  folders.filter((folder) => path.startsWith(`${folder}/`)).sort((a, b) => b.length - a.length)[0];

/** Without comments and texts of programs: what a module itself imports, at the beginning of a line or by `await import("…")`. */
const importsOf = (text: string): string[] =>
  [...text.matchAll(/^(?:import|export)\b[^;`]*?from "(@comhe(?:-examples)?\/[\w-]+)/gm)].map(([, name]) => name!);

test("every workspace that is imported is named", () => {
  const missing: string[] = [];
  let imports = 0;
  for (const path of tracked.filter((each) => /\.[mc]?tsx?$/.test(each))) {
    const folder = workspaceOf(path);
    if (folder === undefined) continue;
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const { name, dependencies, devDependencies, peerDependencies } = manifest;
    const named = new Set([name, ...Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies })]);
    for (const imported of importsOf(readFileSync(join(root, path), "utf8"))) {
      imports++;
      if (!named.has(imported)) missing.push(`${path} imports ${imported}, which ${folder}/package.json doesn't name`);
    }
  }
  expect(missing).toEqual([]);
  expect(imports).toBeGreaterThan(500);
});
