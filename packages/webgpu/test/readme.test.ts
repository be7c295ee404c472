/** The README states what the code holds, and its snippets run on the GPU too. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { loadsPerEntry, threadsOf } from "../src/kernels/blocking.js";
import { blockings } from "../src/pairs/blockings.js";
import { noGpu } from "./support/node-gpu.js";
import { tolerance } from "./support/tolerances.js";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const readme = read("../README.md");
const asInPage = new URL("./support/as-in-page.mjs", import.meta.url).href;

describe("README", () => {
  it("the tolerances", () => {
    const [, energy, gradient, product, near] = /energy (\S+), gradient (\S+), Hessian products (\S+), near (\S+)\.\n/
      .exec(readme)!
      .map(Number);
    expect([tolerance.energy, tolerance.gradient, tolerance.near]).toEqual([energy, gradient, near]);
    expect(5 * tolerance.gradient).toBeCloseTo(product!, 12);
  });

  it("a row for every tile", () => {
    for (const blocking of blockings) {
      const { side, per, fewestTiles } = blocking;
      const taken = fewestTiles > 0 ? `from ${fewestTiles} tiles on` : "for fewer";
      const loads = `d/${1 / loadsPerEntry(blocking, 1)}`;
      expect(readme).toContain(`| ${side}×${side} | ${threadsOf(blocking)} | ${per}×${per} | ${loads} | ${taken} |`);
    }
  });

  it("every dependency has its row", () => {
    const { dependencies, peerDependencies } = JSON.parse(read("../package.json"));
    const [, section] = readme.split("## Runtime dependencies");
    for (const name of Object.keys({ ...dependencies, ...peerDependencies }))
      expect(section).toContain(`| \`${name}\``);
  });
});

/** Those in `ts` run without a GPU too, where the repository's own test of READMEs has them. */
describe.skipIf(noGpu !== undefined)("README's snippets on a GPU", () => {
  const snippets = [...readme.matchAll(/^```(?:js|ts)\n([\s\S]*?)^```$/gm)].map(([, code]) =>
    code!.replace(/: Backend<A>|<A>|type Backend, | as const/g, ""),
  );

  it.each(snippets.map((code, n) => [n + 1, code] as const))("%i", async (_, code) => {
    const folder = mkdtempSync(join(fileURLToPath(new URL("../", import.meta.url)), "node_modules/.readme-"));
    try {
      writeFileSync(join(folder, "snippet.mjs"), code);
      // Where a snippet takes a page's `navigator.gpu` for granted, Dawn stands in for it.
      const before = code.includes("tfjs-backend-webgpu") ? ["--import", asInPage] : [];
      const { stdout } = await promisify(execFile)(process.execPath, [...before, join(folder, "snippet.mjs")], {
        timeout: 50_000,
      });
      const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text!);
      expect(promised.length).toBeGreaterThan(0);
      for (const line of promised) expect(stdout.split("\n")).toContain(line);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("there are three", () => expect(snippets).toHaveLength(3));
});
