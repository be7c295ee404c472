/** A workspace names every other that it imports, its tests included: else it builds where that one happens to be built, and nowhere else. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
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

/** What a manifest names of ours. */
const named = (folder: string): Set<string> => {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const { dependencies, devDependencies, peerDependencies } = manifest;
  const all = Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies });
  return new Set(all.filter((name) => name.startsWith("@comhe")));
};

/** Files that a module imports by their places, across workspaces too, and those that they import. */
function reachedFrom(path: string, reached = new Set<string>()): Set<string> {
  for (const [, place] of readFileSync(join(root, path), "utf8").matchAll(
    /^(?:import|export)\b[^;`]*?from "(\.[^"]+)"/gm,
  )) {
    const file = posix.join(posix.dirname(path), place!).replace(/js$/, "ts");
    if (reached.has(file) || !tracked.includes(file)) continue;
    reached.add(file);
    reachedFrom(file, reached);
  }
  return reached;
}

test("every workspace that is imported is named", () => {
  const missing: string[] = [];
  let imports = 0;
  for (const path of tracked.filter((each) => /\.[mc]?tsx?$/.test(each))) {
    const folder = workspaceOf(path);
    if (folder === undefined) continue;
    const { name } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    for (const imported of importsOf(readFileSync(join(root, path), "utf8"))) {
      imports++;
      if (imported !== name && !named(folder).has(imported))
        missing.push(`${path} imports ${imported}, which ${folder}/package.json doesn't name`);
    }
  }
  expect(missing).toEqual([]);
  expect(imports).toBeGreaterThan(500);
});

test("what a file of another workspace imports is built before the workspace that reads it", () => {
  const folderOf = new Map(
    folders.map((folder) => [JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")).name, folder]),
  );
  const builtBefore = (folder: string, found = new Set<string>()): Set<string> => {
    for (const name of named(folder)) {
      if (found.has(name)) continue;
      found.add(name);
      const other = folderOf.get(name);
      if (other !== undefined) builtBefore(other, found);
    }
    return found;
  };
  const missing = new Set<string>();
  let across = 0;
  for (const path of tracked.filter((each) => /\.[mc]?tsx?$/.test(each))) {
    const folder = workspaceOf(path);
    if (folder === undefined) continue;
    for (const file of reachedFrom(path)) {
      if (workspaceOf(file) === folder) continue;
      across++;
      for (const imported of importsOf(readFileSync(join(root, file), "utf8")))
        if (!builtBefore(folder).has(imported)) missing.add(`${folder} reads ${file}, which imports ${imported}`);
    }
  }
  expect([...missing]).toEqual([]);
  expect(across).toBeGreaterThan(20);
});
