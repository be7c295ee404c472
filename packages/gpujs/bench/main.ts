/**
 * Times this package's kernels beside naive ones on every mode there is: `npm run bench`, or
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
    modes: { type: "string", default: "cpu,webasm,webgl2,webgpu" },
    sizes: { type: "string", default: "512x64,1024x256" },
    rounds: { type: "string", default: "5" },
  },
});
const modes = values.modes.split(",") as GpuMode[];
const sizes = values.sizes.split(",").map((size) => size.split("x").map(Number) as [number, number]);
const rounds = Number(values.rounds);

function report({ mode, count, dim, ms, naiveMs, ratio, difference }: Comparison): void {
  // Cosines and weighted sums, on and above the diagonal: 3N²d multiplications and additions.
  const speed = (3 * count * count * dim) / ms / 1e6;
  console.log(
    `${mode.padEnd(10)} ${`${count}×${dim}`.padEnd(10)} ${ms.toFixed(0).padStart(7)} ms   naive ` +
      `${naiveMs.toFixed(0).padStart(7)} ms   ratio ${ratio.toFixed(2)}   ${speed.toFixed(2)} GFLOP/s   ` +
      `apart ${difference.toExponential(1)}`,
  );
}

const library = (gpujs as unknown as { default?: typeof gpujs }).default ?? gpujs;
const inPage = modes.filter((mode) => mode.startsWith("web") && mode !== "webasm");
for (const mode of modes.filter((each) => !inPage.includes(each))) {
  for (const [count, dim] of sizes) report(await compareKernels(library, mode, count, dim, rounds));
}
if (inPage.length > 0 && skipReason) console.log(`${inPage.join(", ")}: skipped, ${skipReason}`);
else if (inPage.length > 0) {
  const folder = new URL("../test/browser/", import.meta.url);
  const site = await openSite(await serveSources(folder, { optimizeDeps: { include: ["gpu.js"] } }));
  for (const mode of inPage) {
    const page = await site.open({ ready: "globalThis.conform !== undefined" });
    for (const [count, dim] of sizes) {
      const args = [mode, count, dim, rounds] as const;
      report(await page.evaluate((given) => (globalThis as unknown as Offered).compare(...given), args));
    }
    await page.close();
  }
  await site.close();
}
