/**
 * Formulas of potentials stand in one place, `packages/core/src/energy/potential-formulas.ts`. Found by a search of all sources of the packages,
 * AssemblyScript included: for what a formula can't do without, logarithms, exponentials and powers of chords and angles. What else in the
 * packages is written with these is listed here with the reason; a new line of it makes this test fail.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.ts$/.test(entry.name) && !/\.(test|bench)\.ts$/.test(entry.name)) yield path;
  }
}

const files = readdirSync(join(root, "packages")).flatMap((name) =>
  ["src", "assembly"].flatMap((folder) => {
    try {
      return [...sources(join(root, "packages", name, folder))];
    } catch {
      return [];
    }
  }),
);
/** Lines of code by file, comments left out. */
const linesOf = (path: string) =>
  readFileSync(path, "utf8")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .split("\n")
    .map((line) => line.replace(/\/\/.*$/, "").trim());

const where = (pattern: RegExp) =>
  files
    .filter((path) => linesOf(path).some((line) => pattern.test(line)))
    .map((path) => relative(root, path))
    .sort();

const formulas = "packages/core/src/energy/potential-formulas.ts";

it("sources are found", () => {
  expect(files.length).toBeGreaterThan(300);
  expect(files.map((path) => relative(root, path))).toContain(formulas);
  expect(files.some((path) => path.endsWith("packages/wasm/assembly/potential.ts"))).toBe(true);
});

it("chords to the power −s/2, and angles to the power −s, are taken in one file", () => {
  // Powers and their short ways with s, t or p of a potential beside them.
  const powers =
    /\bpower\((a\.)?(u|theta|a\.abs)|\b(pow|power)\w*\((u|theta|chord)\b|\b(u|theta|chord|distance)\s*\*\*\s*-/;
  expect(where(powers)).toEqual([formulas]);
});

it("logarithms and exponentials of chords are taken in the formulas, and in an objective's kernel", () => {
  const ofChords =
    /\b(log|naturalLog|exp|exponential)\((a\.mul\(a\.mul\(a\.constant\(-1\), t|u\b|theta\b|-\w+ \* (u|v)\b)/;
  expect(where(ofChords)).toEqual([
    formulas,
    // exp(−γu) of the Gram determinant, whose entries are kernel values and no energy.
    "packages/core/src/objective/gram-determinant.ts",
  ]);
});

it("clamps and tangents are stated in one file", () => {
  expect(where(/\b(uRaised|vRaised|uHat|vHat)\b/)).toEqual(["packages/core/src/energy/pair-formula.ts"]);
});

it("no backend tells potentials apart", () => {
  const backends = /^packages\/(wasm|onnx|gpujs|tfjs|webgpu)\//;
  const tells = /kind === "(gaussian|frame|riesz)"|\.kind === "riesz"|potential\.(s|t|p|distance)\b/;
  expect(where(tells).filter((path) => backends.test(path))).toEqual([]);
});
