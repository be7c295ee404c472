/** What would be published holds what it should and nothing else, and resolves under every way of importing. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, describe, expect, test } from "vitest";
import { packAll, packagesOfRepository, requiredEntries, root } from "./tarballs.js";

const folder = mkdtempSync(join(tmpdir(), "comhe-tarballs-"));
const tarballs = packAll(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Bytes of a tarball that a change must not pass unnoticed. */
const budget: Readonly<Record<string, number>> = {
  core: 600_000,
  tfjs: 250_000,
  wasm: 400_000,
  native: 100_000,
  onnx: 450_000,
  gpujs: 250_000,
  webgpu: 250_000,
  // Most of it is the page that audits in the browser, with the readers and the kernels in it.
  audit: 900_000,
  cli: 400_000,
  // Most of it are the Parquet readers and their source maps.
  models: 1_300_000,
  conformance: 250_000,
  // Half of it is the JSON Schema of a report, twice with its source map.
  jobs: 150_000,
};

/** Bytes of the module that `import` names, without its dependencies, as written. */
const entryBudget: Readonly<Record<string, number>> = {
  core: 160_000,
  wasm: 260_000,
  tfjs: 110_000,
  gpujs: 120_000,
  webgpu: 150_000,
  models: 100_000,
};

/** Bytes of that module and of those that it imports at once, which a builder may cut as it likes; what is imported later isn't among them. */
const loadedBudget: Readonly<Record<string, number>> = {
  ...entryBudget,
  core: 230_000,
  models: 130_000,
};

/** Files that no module names: what a package has for browsers to open, and the model that a command shows itself on. */
const beside: Readonly<Record<string, readonly string[]>> = {
  audit: [
    ...["index.html", "url.html", "page.css", "sort-tables.js", "main.js", "worker.js"],
    ...["README.md", "THIRD-PARTY-LICENSES.txt"],
  ].map((file) => `page/${file}`),
  cli: ["config.json", "model.safetensors", "vocab.json"].map((file) => `demo/${file}`),
};

/** As ES modules only: a command line, what draws with a library that is one itself, and a suite for a test runner that is one. */
const esmOnly = new Set(["audit", "cli", "conformance", "jobs"]);

/** A command's own module has types that no export names. */
const typesOfEsmOnly = /^dist\/(main|index)\.(js|d\.ts)(\.map)?$/;

/** Every path in the values of an exports map, however deep. */
function pathsNamedBy(value: unknown): string[] {
  if (typeof value === "string") return value.startsWith("./package") ? [] : [value.replace(/^\.\//, "")];
  return value && typeof value === "object" ? [...new Set(Object.values(value).flatMap(pathsNamedBy))] : [];
}

/** Those of bundled code name files and packages for their types, which nobody loads. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "");
}

/** What a built module imports of its own package, whether at once, later, or for types: `./layout.js` of `dist/index.d.ts` is `dist/layout.d.ts`. */
function importsOf(folder: string, path: string): string[] {
  const text = withoutComments(readFileSync(join(root, "packages", folder, path), "utf8"));
  const isTypes = /\.d\.c?ts$/.test(path);
  return [...text.matchAll(/(?:from|import|require)\s*\(?\s*["'`](\.[^"'`]+)["'`]/g)].map(([, specifier]) => {
    const imported = posix.join(posix.dirname(path), specifier!);
    return isTypes ? imported.replace(/\.(c?)js$/, ".d.$1ts") : imported;
  });
}

/** Of a built module, and of what it imports of its own package at once. */
function bytesLoadedBy(path: string, seen = new Set<string>()): number {
  if (seen.has(path)) return 0;
  seen.add(path);
  const text = readFileSync(path, "utf8");
  const imported = withoutComments(text).matchAll(/(?:from|import)\s*["'](\.[^"']+)["']/g);
  const others = [...imported].map(([, specifier]) => bytesLoadedBy(join(dirname(path), specifier!), seen));
  return others.reduce((sum, bytes) => sum + bytes, Buffer.byteLength(text));
}

/** The files that whoever imports the named ones may load, themselves included. */
function reachableFrom(folder: string, named: readonly string[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = named.filter((path) => /^(dist|page)\/.*\.[cm]?[jt]s$/.test(path));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    waiting.push(...importsOf(folder, path));
  }
  return reached;
}

/** Whether a file is one that any CommonJS loader takes: Node's own has learnt to require ES modules, Jest's hasn't. */
function isCommonJs(path: string): boolean {
  if (!path.endsWith(".js")) return path.endsWith(".cjs") || path.endsWith(".json") || path.endsWith(".node");
  let folder = dirname(path);
  for (;;) {
    try {
      return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).type !== "module";
    } catch {
      if (folder === dirname(folder)) throw new Error(`no package.json above ${path}`);
      folder = dirname(folder);
    }
  }
}

/** What a built CommonJS module requires of other packages, and what it imports later, which Jest's loader can't either. */
function othersRequiredBy(path: string): string[] {
  const text = withoutComments(readFileSync(path, "utf8"));
  const specifiers = [...text.matchAll(/(?<![.\w])(?:require|import)\s*\(\s*["']([^"']+)["']\s*\)/g)].map(
    ([, name]) => name!,
  );
  return [...new Set(specifiers)].filter((name) => !name.startsWith(".") && !isBuiltin(name));
}

test("the page on bundlers names those that are ES modules only", () => {
  const page = readFileSync(join(root, "docs/usage/content-security-policy.md"), "utf8");
  const [, listed] = /`require` works, too: all packages but (.*?) have a CommonJS build/.exec(page)!;
  expect(listed!.match(/(?<=@comhe\/)\w+/g)!.sort()).toEqual([...esmOnly].sort());
});

test("what is published", () => {
  const rows = [...tarballs].map(([name, { files, size }]) => {
    const unpacked = files.reduce((sum, each) => sum + each.size, 0);
    return { package: name, files: files.length, packed: size, unpacked, allowed: budget[name] };
  });
  console.table(rows);
  for (const { files } of rows) expect(files).toBeGreaterThan(3);
});

test("every package has a budget", () => {
  expect(Object.keys(budget).sort()).toEqual([...packagesOfRepository()].sort());
});

describe.each([...tarballs])("%s", (name, tarball) => {
  test("holds what its exports name, README and licence, and nothing else", () => {
    const paths = tarball.files.map(({ path }) => path);
    const named = pathsNamedBy([tarball.manifest.exports, tarball.manifest.bin, tarball.manifest.types]);
    const due = ["CHANGELOG.md", "README.md", "LICENSE", "package.json", ...named, ...(beside[name] ?? [])];
    expect(paths).toEqual(expect.arrayContaining(due));
    // Beside them: the chunks that they import, whatever the bundler calls them, and source maps; nothing that an earlier build left.
    const reachable = reachableFrom(name, due);
    expect(paths).toEqual(expect.arrayContaining([...reachable]));
    const expected = new Set([...due, ...reachable, ...[...reachable].map((path) => `${path}.map`)]);
    const others = paths.filter((path) => !expected.has(path));
    expect(others.filter((path) => !(typesOfEsmOnly.test(path) && esmOnly.has(name)))).toEqual([]);
  });

  test("requires CommonJS alone, where it is CommonJS", () => {
    const modules = tarball.files.map(({ path }) => join(root, "packages", name, path));
    const built = modules.filter((path) => path.endsWith(".cjs"));
    expect(built.length > 0).toBe(requiredEntries(tarball).length > 0);
    const wrong = built.flatMap((path) => {
      const { resolve } = createRequire(path);
      return othersRequiredBy(path).filter((required) => !isCommonJs(resolve(required)));
    });
    expect(wrong).toEqual([]);
  });

  test("stays within its size", () => {
    expect(tarball.size).toBeLessThan(budget[name]!);
    if (name in entryBudget) {
      const entry = join(root, "packages", name, "dist", "index.js");
      expect(readFileSync(entry).length).toBeLessThan(entryBudget[name]!);
      expect(bytesLoadedBy(entry)).toBeLessThan(loadedBudget[name]!);
    }
  });

  test("says what npm and bundlers need to know", () => {
    expect(tarball.manifest).toMatchObject({
      license: "MIT",
      type: "module",
      sideEffects: expect.anything(),
      exports: expect.anything(),
      engines: { node: ">=20.19" },
      publishConfig: { access: "public" },
    });
    const dependencies = { ...(tarball.manifest.dependencies as Record<string, string>) };
    // Exact, so that what was tested is what is installed; our own: any compatible one, so that there is one core.
    for (const [dependency, range] of Object.entries(dependencies)) {
      expect(range, dependency).toMatch(
        dependency.startsWith("@comhe/") ? /^\^\d+\.\d+\.\d+$/ : /^\d+\.\d+\.\d+(-\S+)?$/,
      );
    }
  });

  test("publint finds nothing", async () => {
    const { messages, pkg } = await publint({
      pack: { tarball: Uint8Array.from(readFileSync(tarball.path)).buffer },
      level: "warning",
    });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test("types resolve under node16, CommonJS and bundlers", async () => {
    const checked = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball.path))));
    if (!checked.types) throw new Error("no types found");
    const problems = checked.problems
      // `moduleResolution: node10` knows no exports map; it finds the main entry, which is all it can.
      .filter((problem) => !("resolutionKind" in problem && problem.resolutionKind === "node10"))
      .filter((problem) => !(esmOnly.has(name) && problem.kind === "CJSResolvesToESM"))
      .filter(
        (problem) => !(esmOnly.has(name) && "resolutionKind" in problem && problem.resolutionKind === "node16-cjs"),
      );
    expect(problems).toEqual([]);
  });
});
