/** The pictures are made, and show what docs/usage/projections.md says they show. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { anglesFigure } from "../src/angles-figure.js";
import { distortionFigure } from "../src/distortion-figure.js";

it("writes the pictures and prints their numbers", () => {
  const folder = mkdtempSync(join(tmpdir(), "projections-"));
  try {
    const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, folder], { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/random gaussian .*│ +10\.3 │/);
    const names = ["angles", "distortion", "landscape"].map((name) => `projections-${name}.svg`);
    expect(readdirSync(folder).sort()).toEqual(names);
    for (const name of names) {
      const made = readFileSync(join(folder, name), "utf8");
      expect(made).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" role="img"/);
      // What the page shows is what is computed: the title holds the numbers.
      const shown = readFileSync(fileURLToPath(new URL(`../../../docs/images/${name}`, import.meta.url)), "utf8");
      expect(/<title>.*<\/title>/.exec(shown)?.[0]).toBe(/<title>.*<\/title>/.exec(made)?.[0]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it("angles: single random projections are off by ten degrees, learned ones and means by two", async () => {
  const { numbers } = await anglesFigure();
  const rms = Object.fromEntries(numbers.map((each) => [each.name, each.rms]));
  const single = ["gaussian", "orthogonal", "rademacher", "sparse", "hadamard", "count-sketch"];
  for (const name of single) expect(Math.abs(rms[`random ${name}`]! - 10)).toBeLessThan(2);
  for (const name of ["gaussian, mean of 20", "angle-preserving, 400 steps", "pca"]) expect(rms[name]).toBeLessThan(3);
  const smallest = (name: string) => numbers.find((each) => each.name === name)!.smallestAfter;
  expect(smallest("adversarial, 200 steps")).toBeLessThan(smallest("random gaussian"));
});

it("distortion: four times the k halves the error, as theory says", () => {
  const { numbers } = distortionFigure();
  const at = (dimension: number) => numbers.find((each) => each.dimension === dimension && each.count === 1)!.error;
  for (const k of [8, 16, 32]) expect(at(k) / at(4 * k)).toBeCloseTo(2, 0);
});
