/**
 * Times this package's kernels beside naive ones on every mode there is, and prints the table of the README:
 * `npm run bench`, with `xvfb-run -a` before it for headless GL, or
 * `npm run bench -- --modes webasm,webgl2 --sizes 1024x256 --rounds 5`.
 */
import { parseArgs } from "node:util";
import type { GpuMode } from "@comhe/gpujs";
import { openSite, serveSources, skipReason } from "@comhe/page-kit";
import * as gpujs from "gpu.js";
import type { Offered } from "../test/browser/page.js";
import { type Comparison, compareKernels } from "./compare.js";

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    modes: { type: "string", default: "webgl2,headlessgl,webgpu,webasm,cpu" },
    sizes: { type: "string", default: "512x64,1024x256" },
    rounds: { type: "string", default: "3" },
  },
});
const modes = values.modes.split(",") as GpuMode[];
const sizes = values.sizes.split(",").map((size) => size.split("x").map(Number) as [number, number]);
const rounds = Number(values.rounds);

const library = (gpujs as unknown as { default?: typeof gpujs }).default ?? gpujs;
type Compare = (mode: GpuMode, count: number, dim: number, rounds: number) => Promise<Comparison>;

const inNode: Compare = (...args) => compareKernels(library, ...args);

/** On SwiftShader where there is no GPU. */
const site = skipReason
  ? undefined
  : await openSite(
      await serveSources(new URL("../test/browser/", import.meta.url), { optimizeDeps: { include: ["gpu.js"] } }),
    );
const inPage: Compare = async (...args) => {
  if (!site) throw new Error(skipReason);
  const page = await site.open({ ready: "globalThis.conform !== undefined" });
  try {
    return await page.evaluate((given) => (globalThis as unknown as Offered).compare(...given), args);
  } finally {
    await page.close();
  }
};

/** Cosines and weighted sums, on and above the diagonal: 3N²d multiplications and additions. */
const speed = ({ count, dim, ms }: Comparison) => (3 * count * count * dim) / ms / 1e6;

const rows: string[] = [];
for (const mode of modes) {
  const compare = mode === "webgl2" || mode === "webgl" || mode === "webgpu" ? inPage : inNode;
  try {
    const measured: Comparison[] = [];
    for (const [count, dim] of sizes) {
      const one = await compare(mode, count, dim, rounds);
      measured.push(one);
      console.log(
        `${mode} ${count}×${dim}: ${one.ms.toFixed(0)} ms, naive ${one.naiveMs.toFixed(0)} ms, gradients apart by ` +
          one.difference.toExponential(1),
      );
    }
    const cells = measured.map((one) => `${one.ms.toFixed(0)} | ${one.naiveMs.toFixed(0)} | ${one.ratio.toFixed(1)}`);
    rows.push(`| \`${mode}\` | ${cells.join(" | ")} | ${speed(measured.at(-1)!).toFixed(2)} |`);
  } catch (error) {
    console.log(`${mode}: skipped, ${(error as Error).message}`);
  }
}
await site?.close();
const heads = sizes.map(([count, dim]) => `${count}×${dim}, ms | naive | ratio`);
console.log(`\n| mode | ${heads.join(" | ")} | GFLOP/s |\n|${"---|".repeat(2 + 3 * sizes.length)}\n${rows.join("\n")}`);
