/** The built package in a real page and in a worker: a part of the conformance suite, repeated calls, and what may go wrong. */
import { openSite, type Page, type Site, serveSources, skipReason, softwareGpu } from "@comhe/page-kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Offered } from "./browser/page.js";
import { someChecksOfPage } from "./support/some-checks.js";
import { tolerance } from "./support/tolerances.js";

const all = process.env.COMHE_ALL_CHECKS === "1";

if (skipReason) console.info(`@comhe/webgpu in a page: skipped, ${skipReason}`);

const ready = "globalThis.conform !== undefined";
/** Without the last, SwiftShader takes five times as long for a kernel (`src/device/open-device.ts`). */
const flags = [...softwareGpu, "--disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension"];
const minutes = (count: number) => count * 60_000;
const open = async (which: readonly string[]) =>
  openSite(await serveSources(new URL("./browser/", import.meta.url)), which);

describe.skipIf(skipReason !== undefined)("in Chromium", () => {
  let site: Site;
  let page: Page;
  beforeAll(async () => {
    site = await open(flags);
    page = await site.open({ ready });
    if (all) page.on("console", (message) => console.info(message.text()));
  }, minutes(2));
  afterAll(() => site?.close());

  it(
    "conforms",
    async ({ task }) => {
      const outcomes = await page.evaluate(
        ([bounds, only]) => (globalThis as unknown as Offered).conform(bounds, only),
        [tolerance, all ? "." : someChecksOfPage] as const,
      );
      // For the site's support matrix, which is made of what the runner reports.
      Object.assign(task.meta, { suite: { name: "webgpu, Chromium", tolerance, outcomes } });
      expect(outcomes.flatMap(({ error }) => error ?? [])).toEqual([]);
      expect(outcomes.length).toBeGreaterThanOrEqual(all ? 70 : 10);
      expect(outcomes.reduce((sum, { cases }) => sum + cases, 0)).toBeGreaterThan(all ? 1500 : 120);
    },
    minutes(all ? 60 : 10),
  );

  it(
    "repeated calls give the same bits, at flat memory, one submission each",
    async () => {
      const { different, before, after } = await page.evaluate(() =>
        (globalThis as unknown as Offered).repeat(100, { space: "half" }),
      );
      expect(different).toBe(0);
      expect(after).toEqual({ ...before, submissions: before.submissions + 98 });
    },
    minutes(3),
  );

  it.each([false, true])("a device lost, under way: %s", async (underWay) => {
    const { message, sameAgain } = await page.evaluate(
      (which) => (globalThis as unknown as Offered).breakDevice(which),
      underWay,
    );
    expect(message).toMatch(/^unsupported: The WebGPU device was lost.*Make a new backend/);
    expect(sameAgain).toBe(true);
  });

  it("works in a worker as in the page", async () => {
    const inPage = await page.evaluate(() => (globalThis as unknown as Offered).attempt("page"));
    const inWorker = await page.evaluate(() => (globalThis as unknown as Offered).attempt("worker"));
    expect(inPage.energy).toBeGreaterThan(0);
    expect(inWorker).toEqual(inPage);
  });

  const refused = async (before: () => void) => {
    const other = await site.open({ ready, before });
    const told = await other.evaluate(() => (globalThis as unknown as Offered).attempt("page"));
    await other.close();
    return told;
  };

  it("a browser without WebGPU, or without an adapter: an error that says what to do", async () => {
    const without = await refused(() => Object.defineProperty(navigator, "gpu", { value: undefined }));
    expect(without.code).toBe("unsupported");
    expect(without.message).toMatch(/no navigator\.gpu\. In a page it needs a browser with WebGPU.*wasm backend/);
    const noAdapter = await refused(() =>
      Object.defineProperty(navigator, "gpu", { value: { requestAdapter: async () => null } }),
    );
    expect(noAdapter.code).toBe("unsupported");
    expect(noAdapter.message).toMatch(/no adapter.*wasm backend/);
  });
});
