/**
 * The built package in a real page, on WebGL2 and WebGPU: the conformance suite, repeated calls, and what may go wrong.
 * `npm run test:all` takes every check of the suite; by default a part of it keeps this short.
 */
import { openSite, type Page, type Site, serveSources, skipReason, softwareGpu } from "@comhe/page-kit";
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
        const suite = { name: `gpujs ${mode}, Chromium`, tolerance: tolerances[mode], outcomes };
        Object.assign(task.meta, { suite });
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
  const attempt = (before: (() => void) | undefined, ...args: Parameters<Offered["attempt"]>) =>
    attemptOn(site, before, ...args);

  it("the default takes WebGL2 where there is one", async () => {
    const { mode, fallbacks } = await attempt(undefined, {}, 8, 4);
    expect([mode, fallbacks]).toEqual(["webgl2", []]);
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

  it("a framebuffer without memory: an error, not what lay there before", async () => {
    const empty = () => {
      const original = WebGL2RenderingContext.prototype.texStorage2D;
      WebGL2RenderingContext.prototype.texStorage2D = function (target, levels, format, width, height) {
        // Gives no memory to textures of this width, as a driver does that has none left.
        if (width !== 7) original.call(this, target, levels, format, width, height);
      };
    };
    const { code, message } = await attempt(empty, { mode: "webgl2" }, 7, 7);
    expect(code).toBe("unsupported");
    expect(message).toMatch(/INVALID_FRAMEBUFFER_OPERATION.*smaller tileBytes.*make a new one/);
  });

  it.each([
    ["destroyed", /^unsupported: The WebGPU device was lost.*make a new one/],
    ["destroyed under way", /^unsupported: The WebGPU device was lost.*make a new one/],
    ["error", /^unsupported: The device reported an error.*can't be trusted.*make a new one/],
  ] as const)("a WebGPU device, %s: an error that says what to do, and a new backend works", async (how, expected) => {
    const page = await site.open({ ready });
    const { message, sameAgain } = await page.evaluate(
      (which) => (globalThis as unknown as Offered).breakDevice(which),
      how,
    );
    expect(message).toMatch(expected);
    expect(sameAgain).toBe(true);
    await page.close();
  });
});

/** Chromium itself is told to leave something out. */
describe.skipIf(skipReason !== undefined)("in a Chromium", () => {
  const launch = async (flags: readonly string[]) =>
    openSite(await serveSources(new URL("./browser/", import.meta.url), bundled), flags);

  describe("without WebGL and WebGPU", () => {
    let site: Site;
    beforeAll(async () => {
      site = await launch(["--disable-3d-apis", "--disable-gpu"]);
    }, minutes(2));
    afterAll(() => site?.close());

    it.each(["webgl2", "webgl", "webgpu"] as const)("%s: an error that says what to do", async (mode) => {
      const { code, message } = await attemptOn(site, undefined, { mode }, 8, 4);
      expect(code).toBe("unsupported");
      expect(message).toMatch(new RegExp(`"${mode}" isn't available in this runtime.*webasm`));
    });

    it("the default falls back to webasm, and says so", async () => {
      const { mode, fallbacks, energy, told } = await attemptOn(site, undefined, {}, 8, 4);
      expect([mode, fallbacks]).toEqual(["webasm", ["webgl2"]]);
      expect(told).toMatch(/fell back to mode "webasm": gpu.js mode "webgl2" isn't available/);
      expect(energy).toBeGreaterThan(0);
    });
  });

  it("without WebGL2, but with WebGL: webgl2 is refused, and the older WebGL taken where it is asked for", async () => {
    const site = await launch([...softwareGpu, "--disable-webgl2"]);
    const { code, message } = await attemptOn(site, undefined, { mode: "webgl2" }, 8, 4);
    expect(code).toBe("unsupported");
    expect(message).toMatch(/"webgl2" isn't available in this runtime.*webasm/);
    const { mode, energy } = await attemptOn(site, undefined, { mode: ["webgl2", "webgl"] }, 8, 4);
    expect(mode).toBe("webgl");
    expect(energy).toBeGreaterThan(0);
    await site.close();
  });
});

async function attemptOn(site: Site, before: (() => void) | undefined, ...args: Parameters<Offered["attempt"]>) {
  const page = await site.open({ before, ready });
  const told: string[] = [];
  page.on("console", (message) => told.push(message.text()));
  try {
    const outcome = await page.evaluate(
      ([options, count, dim]) => (globalThis as unknown as Offered).attempt(options, count, dim),
      args,
    );
    return { ...outcome, told: told.join("\n") };
  } finally {
    await page.close();
  }
}
