/** The README states what the code holds: tolerances, modes, dependencies. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { gpuModes } from "../src/device/gpu-js.js";
import { tolerances } from "./support/tolerances.js";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const readme = read("../README.md");

it("the tolerances of every mode", () => {
  const [, energy, gradient, product, near] = /energy (\S+), gradient (\S+), Hessian products (\S+), near (\S+)\.\n/
    .exec(readme)!
    .map(Number);
  for (const tolerance of Object.values(tolerances)) {
    expect([tolerance.energy, tolerance.gradient, tolerance.near]).toEqual([energy, gradient, near]);
    expect(5 * tolerance.gradient).toBeCloseTo(product!, 12);
  }
});

it("a row for every mode", () => {
  // The table of modes is the first; the one of measured times names some of them again.
  const [modes] = readme.split("`tileBytes`");
  for (const mode of gpuModes) expect(modes!.split(`\n| \`${mode}\` |`).length, mode).toBe(2);
});

it("every dependency has its row", () => {
  const { dependencies, peerDependencies } = JSON.parse(read("../package.json"));
  const [, section] = readme.split("## Runtime dependencies");
  for (const name of Object.keys({ ...dependencies, ...peerDependencies })) expect(section).toContain(`| \`${name}\``);
});
