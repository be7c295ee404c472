/** The built package in a page of Chromium, on onnxruntime-web: conformance, and an exported model. */
import { openSite, type Page, type Site, serveSources, skipReason } from "@comhe/page-kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Offered } from "./browser/page.js";
import { expectSame, normalRows, referenceResult } from "./support/compare.js";
import { tolerance } from "./support/runtimes.js";

const all = process.env.COMHE_ALL_CHECKS === "1";

/** Each operation and a strategy of each kind: in Node the same library runs the whole suite, and `npm run test:all` does here. */
const some =
  "^(what it says|upload|scope|linear|directions|strategy (none|random gaussian, max|adversarial, unrolled)|many)";

/** A session takes long to build there: fewer potentials. */
const leftOut = ["chordal s=1", "chordal s=3", "chordal s=4", "angular s=0", "angular s=2,", "angular s=2.7"].map(
  (what) => ({ what, why: "in Node, and here by npm run test:all" }),
);

if (skipReason) console.info(`@comhe/onnx in a page: skipped, ${skipReason}`);

const minute = 60_000;

describe.skipIf(skipReason !== undefined)("in Chromium", () => {
  let site: Site;
  let page: Page;
  beforeAll(async () => {
    const folder = new URL("./browser/", import.meta.url);
    // It finds its WebAssembly beside itself.
    site = await openSite(await serveSources(folder, { optimizeDeps: { exclude: ["onnxruntime-web"] } }));
    page = await site.open({ ready: "globalThis.conform !== undefined" });
  }, 2 * minute);
  afterAll(() => site?.close());

  it(
    "conforms",
    async ({ task }) => {
      const outcomes = await page.evaluate(
        ([within, skip, only]) => (globalThis as unknown as Offered).conform(within, skip, only),
        [tolerance, all ? [] : leftOut, all ? "." : some] as const,
      );
      // For the site's support matrix, which is made of what the runner reports.
      Object.assign(task.meta, { suite: { name: "onnxruntime-web, wasm, Chromium", tolerance, outcomes } });
      expect(outcomes.flatMap(({ error }) => error ?? [])).toEqual([]);
      expect(outcomes.reduce((sum, { cases }) => sum + cases, 0)).toBeGreaterThan(all ? 1500 : 80);
    },
    (all ? 20 : 2) * minute,
  );

  it("runs an exported model", async () => {
    for (const count of [40, 300]) {
      const actual = await page.evaluate((rows) => (globalThis as unknown as Offered).runExported(rows, 24), count);
      const config = { space: "half", projection: { kind: "random", dimension: 8, count: 3 } } as const;
      const weights = { data: normalRows(count, 24), shape: [count, 24] };
      expectSame(actual, await referenceResult(config, weights, 5), weights, [1e-5, 5e-4]);
    }
  });
});
