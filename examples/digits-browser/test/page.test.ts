/** The built page in a real browser: it trains, the regularizer lowers the energy of the layers, and errors are said. */
import { openSite, type Page, type Site, serveBuilt, skipReason, softwareGpu } from "@comhe/page-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** Without the last, SwiftShader takes five times as long for a kernel of ours (`src/device/open-device.ts` of `@comhe/webgpu`). */
const flags = [...softwareGpu, "--disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension"];

if (skipReason) console.info(`the page: skipped, ${skipReason}`);

describe.skipIf(skipReason !== undefined)("the page", () => {
  let site: Site;
  let page: Page;
  const problems: string[] = [];
  beforeAll(async () => {
    site = await openSite(await serveBuilt(new URL("../", import.meta.url)), flags);
    page = await site.browser.newPage({ viewport: { width: 1000, height: 900 } });
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.goto(site.url);
    await page.waitForFunction(() => document.body.dataset.state === "ready");
  });
  afterAll(() => site?.close());

  async function train(settings: Record<string, string>, on = page): Promise<void> {
    const { regularizer = "none", backend = "wasm", ...numbers } = settings;
    await on.locator("#regularizer").selectOption(regularizer);
    await on.locator("#backend").selectOption(backend);
    for (const [name, value] of Object.entries(numbers)) await on.locator(`#${name}`).fill(value);
    await on.locator("#train").click();
    await on.waitForFunction(() => ["done", "error"].includes(document.body.dataset.state!), undefined, {
      timeout: 100_000,
    });
  }
  const state = () => page.evaluate(() => document.body.dataset.state);
  /** Of the last run: epochs, test error, first and last mean energy. */
  const lastRow = (on = page) =>
    on.evaluate(() => {
      const cells = [...document.querySelectorAll("#runs tr:last-child td")].map((cell) => Number(cell.textContent));
      return { epochs: cells[3]!, testError: cells[4]!, first: cells[5]!, last: cells[6]! };
    });

  test("half-space MHE lowers the energy that training without it leaves higher", async () => {
    await train({ regularizer: "none", epochs: "6" });
    const plain = await lastRow();
    await train({ regularizer: "half-space", weight: "300", epochs: "6" });
    const regularized = await lastRow();
    expect(await state()).toBe("done");
    expect(plain).toMatchObject({ epochs: 6, first: regularized.first });
    expect(regularized.last).toBeLessThan(regularized.first);
    expect(regularized.last).toBeLessThan(plain.last);
    expect(regularized.testError).toBeLessThan(90);
    expect(await page.locator("#energy svg path").count()).toBeGreaterThan(0);
    expect(problems).toEqual([]);
  });

  test("energies are measured on a GPU, in software where that is asked for, as on the processor", async () => {
    const measuredOn = (of: Page) => of.locator("#measured-on").textContent();
    expect(await measuredOn(page)).toMatch(/on WebAssembly, one thread: WebGPU's only GPU here is software/);
    const forced = await site.open({ path: "?backend=webgpu", ready: "document.body.dataset.state === 'ready'" });
    expect(await measuredOn(forced)).toMatch(/on WebGPU, .*which is software and was asked for/);
    await train({ regularizer: "half-space", weight: "300", epochs: "1" });
    const expected = await lastRow();
    await train({ regularizer: "half-space", weight: "300", epochs: "1" }, forced);
    const { first, last } = await lastRow(forced);
    expect(first).toBeCloseTo(expected.first, 3);
    expect(last).toBeCloseTo(expected.last, 3);
    await forced.close();
  });

  test("a weight that diverges is said, and the page goes on", async () => {
    await train({ regularizer: "full-space", weight: "1e9", epochs: "5" });
    expect(await state()).toBe("error");
    expect(await page.locator("#status").textContent()).toMatch(/weight is too large|isn't finite|NaN/);
    await train({ regularizer: "random", weight: "30", epochs: "1" });
    expect(await state()).toBe("done");
  });

  test("it trains on WebGL too, and stops when asked", async () => {
    await page.locator("#regularizer").selectOption("half-space");
    await page.locator("#backend").selectOption("webgl");
    await page.locator("#epochs").fill("50");
    await page.locator("#train").click();
    await page.waitForFunction(
      () => Number(document.querySelector("#runs tr:last-child td:nth-child(4)")?.textContent) >= 1,
      undefined,
      {
        timeout: 100_000,
      },
    );
    await page.locator("#stop").click();
    await page.waitForFunction(() => document.body.dataset.state === "done", undefined, { timeout: 60_000 });
    const row = await lastRow();
    expect(row.epochs).toBeLessThan(50);
    expect(row.last).toBeLessThan(row.first + 0.02);
    expect(problems).toEqual([]);
  });

  test("on WebGPU our kernels compute the energies on tfjs's device, and training is that on WebAssembly", async () => {
    for (const [regularizer, epochs] of [
      ["half-space", "2"],
      ["random", "1"],
    ] as const) {
      const settings = { regularizer, weight: "300", epochs };
      await train(settings);
      const expected = await lastRow();
      await train({ ...settings, backend: "webgpu" });
      expect(await page.locator("#status").textContent()).toMatch(/^Done after/);
      const { first, last, testError } = await lastRow();
      expect(first).toBe(expected.first);
      expect(last).toBeLessThan(first - 0.002);
      expect(last).toBeCloseTo(expected.last, 3);
      expect(Math.abs(testError - expected.testError)).toBeLessThan(1);
    }
    expect(problems).toEqual([]);
  });

  test("by keyboard alone, and on a phone by touch", async () => {
    const phone = await site.open({
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      ready: "document.body.dataset.state === 'ready'",
    });
    const done = () =>
      phone.waitForFunction(() => document.body.dataset.state === "done", undefined, { timeout: 100_000 });
    const rows = () => phone.locator("#runs tr").count();
    await phone.locator("#epochs").focus();
    await phone.keyboard.press("Control+a");
    await phone.keyboard.type("1");
    await phone.keyboard.press("Enter");
    await phone.waitForFunction(() => document.body.dataset.state === "training");
    await done();
    expect(await rows()).toBe(1);
    await phone.locator("#train").tap();
    await phone.waitForFunction(() => document.querySelectorAll("#runs tr").length === 2);
    await done();
    // The table is wider than the screen, and scrolls in itself.
    expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await phone.close();
  });
});
