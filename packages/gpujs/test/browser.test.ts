/**
 * The built package in a real page, on WebGL2 and WebGPU: the conformance suite, repeated calls, and what may go wrong.
 * `npm run test:all` takes every check of the suite; by default a part of it keeps this short.
 */
import { openSite, type Page, type Site, serveSources, skipReason } from "@comhe/page-kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Offered } from "./browser/page.js";
import { energies } from "./support/energies.js";
import { tolerances } from "./support/tolerances.js";

const all = process.env.COMHE_ALL_CHECKS === "1";

/** Operations, pairs that are near and pairs that aren't, a batch, a strategy of each kind, more than 4096 rows. */
const some =
  "^(what it says|upload|scope|directions|pairwise and .*(apart|near)|what pairwise saves|mismatch and .*near|" +
  "strategy (none|random gaussian, max|adversarial, stopped)|many rows)";

if (skipReason) console.info(`@comhe/gpujs in a page: skipped, ${skipReason}`);

const ready = "globalThis.conform !== undefined";
const bundled = { optimizeDeps: { include: ["gpu.js"] } };
const minutes = (count: number) => count * 60_000;

describe.skipIf(skipReason !== undefined)("in Chromium", () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite(await serveSources(new URL("./browser/", import.meta.url), bundled));
  }, minutes(2));
  afterAll(() => site?.close());

  describe.each(["webgl2", "webgpu"] as const)("%s", (mode) => {
    let page: Page;
    beforeAll(async () => {
      page = await site.open({ ready });
      if (all) page.on("console", (message) => console.info(message.text()));
    }, minutes(1));
    afterAll(() => page?.close());

    it(
      "conforms",
      async ({ task }) => {
        const outcomes = await page.evaluate(
          ([of, tolerance, only]) => (globalThis as unknown as Offered).conform(of, tolerance, only),
          [mode, tolerances[mode], all ? "." : some] as const,
        );
        // For the site's support matrix, which is made of what the runner reports.
        Object.assign(task.meta, { suite: { name: `gpujs ${mode}, Chromium`, outcomes } });
        expect(outcomes.flatMap(({ error }) => error ?? [])).toEqual([]);
        expect(outcomes.length).toBeGreaterThanOrEqual(all ? 70 : 12);
        expect(outcomes.reduce((sum, { cases }) => sum + cases, 0)).toBeGreaterThan(all ? 1500 : 250);
      },
      minutes(all ? 30 : 5),
    );

    it.each(Object.entries(energies).slice(0, all ? undefined : 2))(
      "200 calls give the same bits, and leave as many textures: %s",
      async (_, config) => {
        const { different, before, after } = await page.evaluate(
          ([of, energy]) => (globalThis as unknown as Offered).repeat(of, 200, energy),
          [mode, config] as const,
        );
        expect(different).toBe(0);
        expect(before.textures).toBeGreaterThan(0);
        expect(after).toEqual(before);
      },
      minutes(3),
    );
  });

  /** A page in which something is wrong with the device, and what evaluating there gives. */
  async function attempt(before: (() => void) | undefined, ...args: Parameters<Offered["attempt"]>) {
    const page = await site.open({ before, ready });
    try {
      return await page.evaluate(
        ([options, count, dim]) => (globalThis as unknown as Offered).attempt(options, count, dim),
        args,
      );
    } finally {
      await page.close();
    }
  }

  const withoutWebGL2 = () => {
    for (const { prototype } of [HTMLCanvasElement, OffscreenCanvas]) {
      const original = prototype.getContext as (...args: unknown[]) => unknown;
      prototype.getContext = function (this: unknown, kind: string, ...rest: unknown[]) {
        return kind === "webgl2" ? null : original.call(this, kind, ...rest);
      } as never;
    }
  };

  it("no WebGL2: an error that says what to do", async () => {
    const { code, message } = await attempt(withoutWebGL2, { mode: "webgl2" }, 8, 4);
    expect(code).toBe("unsupported");
    expect(message).toMatch(/"webgl2" isn't available in this runtime.*mode "webasm"/);
  });

  it("no WebGL2: the default falls back to webasm, and says so", async () => {
    const { mode, fallbacks, energy } = await attempt(withoutWebGL2, {}, 8, 4);
    expect([mode, fallbacks]).toEqual(["webasm", ["webgl2"]]);
    expect(energy).toBeGreaterThan(0);
  });

  it("the default takes WebGL2 where there is one", async () => {
    const { mode, fallbacks } = await attempt(undefined, {}, 8, 4);
    expect([mode, fallbacks]).toEqual(["webgl2", []]);
  });

  it("no WebGPU adapter: an error that says what to do", async () => {
    const without = () => {
      Object.defineProperty(navigator, "gpu", { value: { requestAdapter: async () => null } });
    };
    const { code, message } = await attempt(without, { mode: "webgpu" }, 8, 4);
    expect(code).toBe("unsupported");
    expect(message).toMatch(/"webgpu" isn't available in this runtime.*webgl2/);
  });

  it("a texture too large: an error that says what to do", async () => {
    const small = () => {
      const original = WebGL2RenderingContext.prototype.getParameter;
      WebGL2RenderingContext.prototype.getParameter = function (name: number) {
        return name === this.MAX_TEXTURE_SIZE ? 32 : original.call(this, name);
      };
    };
    const fits = await attempt(small, { mode: "webgl2" }, 20, 8);
    expect(fits.energy).toBeGreaterThan(0);
    const { code, message } = await attempt(small, { mode: "webgl2" }, 200, 64);
    expect(code).toBe("unsupported");
    expect(message).toMatch(/Too large for this device.*\[32,32\].*Project to fewer dimensions/);
  });

  const halfFloat = () => {
    const { prototype } = WebGL2RenderingContext;
    const narrow = (format: number) => ({ 33326: 0x822d, 33328: 0x822f, 34836: 0x881a })[format] ?? format;
    const storage = prototype.texStorage2D;
    prototype.texStorage2D = function (target, levels, format, width, height) {
      storage.call(this, target, levels, narrow(format), width, height);
    };
    const image = prototype.texImage2D as (...args: unknown[]) => void;
    prototype.texImage2D = function (this: unknown, target: number, level: number, format: number, ...rest: unknown[]) {
      image.call(this, target, level, narrow(format), ...rest);
    } as never;
  };

  it("half-float textures: refused, unless allowed", async () => {
    const { code, message } = await attempt(halfFloat, { mode: "webgl2" }, 8, 4);
    expect(code).toBe("unsupported");
    expect(message).toMatch(/counts in less than float32.*allowHalfFloat: true/);
    const allowed = await attempt(halfFloat, { mode: "webgl2", allowHalfFloat: true }, 8, 4);
    const exact = await attempt(undefined, { mode: "webgl2" }, 8, 4);
    expect(allowed.energy).not.toBe(exact.energy);
    expect(Math.abs(allowed.energy! / exact.energy! - 1)).toBeLessThan(0.02);
  });

  it("half-float textures: a list of modes falls back, and says so", async () => {
    const { mode, fallbacks } = await attempt(halfFloat, { mode: ["webgl2", "cpu"] }, 8, 4);
    expect([mode, fallbacks]).toEqual(["cpu", ["webgl2"]]);
  });

  it("a context lost: an error that says what to do", async () => {
    const page = await site.open({ ready });
    const message = await page.evaluate(() => (globalThis as unknown as Offered).loseContext());
    expect(message).toMatch(/^unsupported: The WebGL context was lost.*make a new one/);
    await page.close();
  });
});
