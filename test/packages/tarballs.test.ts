/** What would be published holds what it should and nothing else, and resolves under every way of importing. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, describe, expect, test } from "vitest";
import { packAll, packagesOfRepository, root } from "./tarballs.js";

const folder = mkdtempSync(join(tmpdir(), "comhe-tarballs-"));
const tarballs = packAll(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Bytes of a tarball that a change must not pass unnoticed. */
const budget: Readonly<Record<string, number>> = {
  core: 450_000,
  tfjs: 250_000,
  wasm: 400_000,
  onnx: 450_000,
  gpujs: 250_000,
  cli: 400_000,
  conformance: 250_000,
};

/** Bytes of the module that `import` loads, without its dependencies, as written. */
const entryBudget: Readonly<Record<string, number>> = { core: 160_000, wasm: 260_000, tfjs: 90_000, gpujs: 120_000 };

/** As ES modules only: a command line, and a suite for a test runner that is one itself. */
const esmOnly = new Set(["cli", "conformance"]);

test("every package has a budget", () => {
  expect(Object.keys(budget).sort()).toEqual([...packagesOfRepository()].sort());
});

describe.each([...tarballs])("%s", (name, tarball) => {
  test("holds its build, README and licence, and nothing else", () => {
    const paths = tarball.files.map(({ path }) => path);
    expect(paths).toContain("README.md");
    expect(paths).toContain("LICENSE");
    const others = paths.filter((path) => !/^(dist\/|schema\/|README\.md$|LICENSE$|package\.json$)/.test(path));
    expect(others).toEqual([]);
    expect(paths.filter((path) => /\.test\.|\.bench\.|tsbuildinfo/.test(path))).toEqual([]);
  });

  test("stays within its size", () => {
    expect(tarball.size).toBeLessThan(budget[name]!);
    if (name in entryBudget) {
      const entry = readFileSync(join(root, "packages", name, "dist", "index.js"));
      expect(entry.length).toBeLessThan(entryBudget[name]!);
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
    // Exact: what was tested is what is installed.
    for (const [dependency, range] of Object.entries(dependencies)) expect(range, dependency).toMatch(/^\d+\.\d+\.\d+/);
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
