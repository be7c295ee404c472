/** The built page in a real browser: it reaches the known minima on each backend, obeys its controls, and says what it can't do. */
import { openSite, type Page, type Site, serveBuilt, skipReason } from "@comhe/page-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

if (skipReason) console.info(`the page: skipped, ${skipReason}`);

describe.skipIf(skipReason !== undefined)("the page", () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite(await serveBuilt(new URL("../", import.meta.url)));
  });
  afterAll(() => site?.close());

  async function open(query: string): Promise<Page> {
    const page = await site.browser.newPage({ viewport: { width: 900, height: 600 } });
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.goto(`${site.url}?${query}`);
    expect(problems).toEqual([]);
    return page;
  }
  const state = (page: Page, value: string, timeout = 60_000) =>
    page.waitForFunction((wanted) => document.body.dataset.state === wanted, value, { timeout });
  const number = async (page: Page, id: string) => Number(await page.locator(`#${id}`).textContent());

  test.each([
    ["wasm", 12, 49.165253],
    ["wasm", 32, 412.261275],
    ["webgl2", 12, 49.165253],
    ["webgl2", 32, 412.261275],
    ["webgpu", 12, 49.165253],
  ])("%s finds the known minimum of %i electrons", async (backend, count, minimum) => {
    const page = await open(`count=${count}&s=1&backend=${backend}&seed=1`);
    await state(page, "settled", 110_000);
    expect(await number(page, "minimum")).toBeCloseTo(minimum, 5);
    expect(Math.abs((await number(page, "energy")) - minimum)).toBeLessThan(1e-4 * minimum);
    await page.close();
  });

  test("every backend of the list can be chosen, and runs", async () => {
    const page = await open("count=8&s=1&backend=wasm&seed=1");
    const names: Readonly<Record<string, string>> = {
      // The browser's only GPU is software: it is left alone unless it is asked for.
      here: "WebAssembly, one thread: WebGPU's only GPU here is software",
      webgpu: "WebGPU, ",
      "gpujs-webgpu": "gpujs-webgpu",
      "gpujs-cpu": "gpujs-cpu",
      reference: "reference",
      wasm: "wasm",
      webgl2: "gpujs-webgl2",
    };
    const choices = await page
      .locator("#backend option")
      .evaluateAll((all) => all.map((each) => each.getAttribute("value")!));
    expect(choices.sort()).toEqual(Object.keys(names).sort());
    const said: Record<string, string> = {};
    for (const [choice, name] of Object.entries(names)) {
      await page.locator("#backend").selectOption(choice);
      await page.waitForFunction(
        (text) =>
          document.getElementById("status")!.textContent!.includes(` on ${text}`) &&
          Number(document.getElementById("steps")!.textContent) >= 3,
        name,
        { timeout: 60_000 },
      );
      said[choice] = (await page.locator("#status").textContent())!;
    }
    expect(said.webgpu).toMatch(/which is software and was asked for/);
    await page.close();
  });

  test("its controls work by keyboard, and the address keeps the choice", async () => {
    const page = await open("count=8&s=2&backend=wasm");
    await state(page, "settled");
    await page.locator("#count").focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() => document.getElementById("count-value")!.textContent === "9");
    expect(new URL(page.url()).searchParams.get("count")).toBe("9");
    await state(page, "settled");
    const before = await number(page, "steps");
    await page.locator("#shake").click();
    await page.waitForFunction((steps) => Number(document.getElementById("steps")!.textContent) > steps, before);
    await page.locator("#scene").focus();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("+");
    await page.locator("#pause").click();
    expect(await page.locator("#pause").getAttribute("aria-pressed")).toBe("true");
    const paused = await number(page, "steps");
    await page.waitForTimeout(200);
    expect(await number(page, "steps")).toBe(paused);
    await page.close();
  });

  test("half space ends at orthogonal lines, a projection runs, and what can't be is said", async () => {
    const page = await open("count=3&s=2&space=half&backend=wasm");
    await state(page, "settled");
    // (N − ¾)/(2N − 1)
    expect(Number.parseFloat((await page.locator("#energy").textContent())!)).toBeCloseTo(0.45, 5);
    await page.locator("#projection").selectOption("adversarial");
    await page.waitForFunction(() => Number(document.getElementById("steps")!.textContent) > 20);
    expect(await page.locator("body").getAttribute("data-state")).not.toBe("error");
    await page.locator("#projection").selectOption("random");
    await state(page, "error");
    // k = 2 ≤ s + 1: infinite mean energy.
    expect(await page.locator("#status").textContent()).toMatch(/dimension/);
    await page.close();
  });

  test("on a phone it fits, its buttons are tapped, and a finger turns the sphere", async () => {
    const page = await site.browser.newPage({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    await page.goto(`${site.url}?count=20&backend=wasm`);
    await state(page, "settled");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await page.locator("#pause").tap();
    expect(await page.locator("#pause").getAttribute("aria-pressed")).toBe("true");
    await page.evaluate(() => scrollTo(0, 0));
    const picture = () => page.locator("#scene").screenshot({ timeout: 90_000 });
    const still = await picture();
    // Nothing moves by itself.
    expect((await picture()).equals(still)).toBe(true);
    const touch = await page.context().newCDPSession(page);
    const at = (x: number) => [{ x, y: 200 }];
    await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(120) });
    for (const x of [160, 200, 240]) {
      await touch.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(x) });
    }
    await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await expect.poll(async () => (await picture()).equals(still), { timeout: 60_000 }).toBe(false);
    await page.close();
  });
});
