/** The built package in a page of Chromium, cross-origin isolated, where it has threads, and not. */
import { energyAndGradient, randomStream, referenceBackend } from "@comhe/core";
import { openSite, type Page, type Site, serveSources, skipReason } from "@comhe/page-kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Offered } from "./browser/page.js";
import { tolerance } from "./support/tolerance.js";

if (skipReason) console.info(`@comhe/wasm in a page: skipped, ${skipReason}`);

const minute = 60_000;
const builds = ["baseline", "relaxed"] as const;

describe.skipIf(skipReason !== undefined).each([true, false])("in Chromium, cross-origin isolated: %s", (isolated) => {
  let site: Site;
  let page: Page;
  beforeAll(async () => {
    site = await openSite(await serveSources(new URL("./browser/", import.meta.url), { isolated }));
    page = await site.open({ ready: "globalThis.conform !== undefined" });
  }, 2 * minute);
  afterAll(() => site?.close());

  const offered = <K extends keyof Offered>(name: K, ...args: Parameters<Offered[K]>) =>
    page.evaluate(
      ([key, given]) => (globalThis as unknown as Record<string, (...list: unknown[]) => unknown>)[key](...given),
      [name, args] as const,
    ) as Promise<Awaited<ReturnType<Offered[K]>>>;

  it("is what it says", async () => expect(await offered("isolated")).toBe(isolated));

  it.for(builds)("conforms, %s", { timeout: 5 * minute }, async (build, { task }) => {
    const outcomes = await offered("conform", build, tolerance, isolated);
    // For the site's support matrix, which is made of what the runner reports.
    const runtime = `Chromium, ${isolated ? "two threads" : "one thread"}`;
    Object.assign(task.meta, { suite: { name: `wasm, ${build}, ${runtime}`, tolerance, outcomes } });
    expect(outcomes.flatMap(({ error }) => error ?? [])).toEqual([]);
    expect(outcomes.reduce((sum, { cases }) => sum + cases, 0)).toBeGreaterThan(1500);
  });

  it("gives the same bits on any number of threads, and the reference's numbers", async () => {
    const alone = await offered("evaluate", { threads: 1 });
    const several = await offered("evaluate", { threads: 3 });
    expect([alone.threads, several.threads]).toEqual([1, isolated ? 3 : 1]);
    expect(several.energy).toBe(alone.energy);
    expect(several.gradient).toEqual(alone.gradient);
    const data = randomStream(1, "page", 0).fillNormal(new Float32Array(600 * 64));
    const config = { space: "half", projection: { kind: "random", dimension: 12, count: 4 } } as const;
    const weights = { data: Float64Array.from(data), shape: [600, 64] };
    const { energy } = await energyAndGradient(referenceBackend(), config, weights, { seed: 7 });
    expect(Math.abs(alone.energy / energy - 1)).toBeLessThan(1e-6);
  });

  it("takes relaxed SIMD by itself, and plain JavaScript without SIMD", async () => {
    const before = await offered("evaluate", {});
    expect(before.build).toBe("relaxed");
    await offered("hideSimd");
    const after = await offered("evaluate", {});
    expect([after.build, after.threads]).toEqual(["javascript", 1]);
    expect(Math.abs(after.energy / before.energy - 1)).toBeLessThan(1e-6);
  });
});
