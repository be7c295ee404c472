/** The page that measures a visitor's GPU, in Chromium on a GPU in software: it shows what was recorded, and its run gives a result. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { openSite, type Site, serveFiles, skipReason } from "@comhe/page-kit";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

if (skipReason) console.info(`the page of GPUs: skipped, ${skipReason}`);

describe.skipIf(skipReason)("on your GPU", () => {
  let site: Site;
  beforeAll(async () => {
    const folder = inject("site");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
      statSync(join(folder, file)).isFile(),
    );
    const contents = new Map(files.map((file) => [`/${file}`, readFileSync(join(folder, file))]));
    site = await openSite(await serveFiles(contents, () => ({})));
  });
  afterAll(() => site?.close());

  test("a small run, by our kernels alone", async () => {
    const page = await site.open({ path: "your-gpu.html", ready: "document.querySelector('.run-gpu') !== null" });
    expect(await page.textContent(".run-gpu")).toBe("Run on this GPU");
    const result = (await page.evaluate(`import("/gpu/page.js").then(({ runInPage }) =>
      runInPage({ shapes: "64x16", only: ["webgpu"], checks: false, say() {} }))`)) as {
      peakFlops: number;
      shapes: { measurements: { best: number; share: number; energyError: number }[] }[];
    };
    const [one] = result.shapes[0]!.measurements;
    expect(result.peakFlops).toBeGreaterThan(0);
    expect(one!.best).toBeGreaterThan(0);
    expect(one!.energyError).toBeLessThan(1e-5);
  });
});
