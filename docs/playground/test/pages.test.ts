/** The built pages in Chromium: with WebGPU in software, with WebGL2 and without WebGPU, and with neither; by keyboard, on a phone, in the dark. */
import { createRequire } from "node:module";
import { openSite, type Page, type Site, serveBuilt, skipReason, softwareGpu } from "@comhe/page-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toHash } from "../src/train/address.js";

if (skipReason) console.info(`the playground: skipped, ${skipReason}`);

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const folder = new URL("../", import.meta.url);
const state = (page: Page, value: string) =>
  page.waitForFunction((wanted) => document.body.dataset.state === wanted, value, { timeout: 110_000 });
const text = async (page: Page, id: string) => (await page.locator(`#${id}`).textContent()) ?? "";

/** What axe-core finds, and whatever is wider than the screen. */
async function findings(page: Page): Promise<readonly string[]> {
  await page.addScriptTag({ path: axe });
  const found = (await page.evaluate("axe.run(document)")) as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  const said = found.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 100)).join(" | ")}`,
  );
  return wider > 0 ? [...said, `${wider} pixels wider than the screen`] : said;
}

describe.skipIf(skipReason !== undefined)("with WebGPU and WebGL2 in software", () => {
  let site: Site;
  const problems: string[] = [];
  beforeAll(async () => {
    site = await openSite(await serveBuilt(folder), softwareGpu);
  });
  afterAll(() => site?.close());
  const open = (path: string, options = {}) =>
    site.open({
      path,
      viewport: { width: 1100, height: 800 },
      onError: ({ message }) => problems.push(message),
      ...options,
    });

  test("Thomson's twelve electrons reach the icosahedron on WebAssembly, the fastest for so few", async () => {
    const page = await open("index.html?count=12");
    await state(page, "settled");
    expect(Number(await text(page, "energy"))).toBeCloseTo(49.165253, 2);
    expect(await text(page, "status")).toMatch(/on WebAssembly, the fastest here: so few electrons/);
    await page.close();
  });

  test.each(["webgpu", "webgl2"])("and on %s", async (backend) => {
    const page = await open(`index.html?count=12&backend=${backend}`);
    await page.waitForFunction(() => Number(document.getElementById("steps")!.textContent) >= 10);
    expect(await text(page, "status")).toMatch(/Running|Settled/);
    expect(Number(await text(page, "energy"))).toBeLessThan(50);
    await page.close();
  });

  test.each([
    ["riesz", "-1"],
    ["frame", "2"],
    ["gaussian", "4"],
  ])("the potential %s, %s: takes steps that lower the energy, and says what it is", async (kind, exponent) => {
    const page = await open(`index.html?count=24&kind=${kind}&exponent=${exponent}&backend=wasm`);
    await page.waitForFunction(() => Number(document.getElementById("steps")!.textContent) >= 20);
    expect((await text(page, "exponent-meaning")).length).toBeGreaterThan(20);
    expect(await text(page, "energy")).toMatch(/\d/);
    await page.close();
  });

  test("2,000 electrons: the fastest is found by the clock, and said with the times", async () => {
    const page = await open("index.html?count=2000");
    await page.waitForFunction(() => Number(document.getElementById("steps")!.textContent) >= 2);
    expect(await text(page, "count-value")).toBe("2,000");
    expect(await text(page, "status")).toMatch(
      /the fastest here \((WebGPU|WebAssembly) \d+\.\d ms, (WebGPU|WebAssembly) \d+\.\d ms\)/,
    );
    await page.close();
  });

  test("a config that can't be says what can: words, not a blank page", async () => {
    const page = await open("index.html?count=12&exponent=-5");
    await state(page, "error");
    expect(await text(page, "status")).toContain("potential.s: expected a number > -2");
    await page.locator("#exponent").fill("2");
    await state(page, "settled");
    await page.close();
  });

  test("two configs train side by side; the link holds both", async () => {
    const side = (weight: number, config: object) => ({ weight, config: JSON.stringify(config) });
    const hash = toHash({ a: side(0, {}), b: side(300, { space: "half" }), seed: 3, epochs: 4 });
    const page = await open(`train.html${hash}`);
    await state(page, "ready");
    await page.getByRole("button", { name: "Train both" }).click();
    await state(page, "done");
    const cells = await page
      .locator("tbody tr")
      .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
    // The same initial weights on both sides; the regularizer's energy is lower at the end.
    expect(cells[0]![2]).toBe(cells[1]![2]);
    expect(Number(cells[1]![3])).toBeLessThan(Number(cells[0]![3]));
    expect(await page.locator("#energies path").count()).toBe(2);
    expect(new URL(page.url()).hash).toBe(hash);
    await page.close();
  });

  test("a page that is isolated, where TensorFlow.js would have threads, trains too", async () => {
    const isolated = await serveBuilt(folder, { isolated: true });
    const page = await site.browser.newPage();
    page.on("pageerror", ({ message }) => problems.push(message));
    await page.goto(`${isolated.url}train.html#epochs=1`);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await state(page, "ready");
    await page.getByRole("button", { name: "Train both" }).click();
    await page.waitForFunction(() => ["done", "error"].includes(document.body.dataset.state ?? ""));
    expect(await text(page, "status")).toMatch(/^Done/);
    await page.close();
    await isolated.close();
  });

  test("the editor completes from the schema and marks mistakes in place, by keyboard alone", async () => {
    const page = await open("train.html");
    await state(page, "ready");
    await page.locator("#editor-b textarea").focus();
    await page.waitForSelector("#editor-b .cm-content");
    await page.keyboard.press("Control+A");
    await page.keyboard.type('{ "projection": { "kind": "random", "di');
    await page.waitForSelector(".cm-tooltip-autocomplete");
    expect(await page.locator(".cm-tooltip-autocomplete").textContent()).toContain('"dimension"');
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+A");
    await page.keyboard.type('{ "space": "haf"');
    await page.waitForSelector("#editor-b .cm-lintRange-error");
    expect(await text(page, "problem-b")).toContain('expected one of "full"|"half", got "haf"');
    // The tab key leaves it.
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("seed");
    await page.close();
  });

  test.each([
    ["light", 1100],
    ["dark", 1100],
    ["dark", 390],
  ] as const)("nothing for axe-core to find, nothing too wide: %s, %i pixels", async (colorScheme, width) => {
    for (const path of ["index.html?count=24", "train.html"]) {
      const page = await open(path, { colorScheme, viewport: { width, height: 844 }, reducedMotion: "reduce" });
      await state(page, path.startsWith("index") ? "settled" : "ready");
      if (process.env.COMHE_SCREENSHOTS) {
        const name = `${path.replace(/\..*/, "")}-${colorScheme}-${width}.png`;
        await page.screenshot({ path: `${process.env.COMHE_SCREENSHOTS}/${name}`, fullPage: true });
      }
      expect(await findings(page), path).toEqual([]);
      await page.close();
    }
  });

  test("and nothing was thrown on any of them", () => expect(problems).toEqual([]));
});

describe.skipIf(skipReason !== undefined)("without WebGPU and WebGL", () => {
  test("WebAssembly moves a thousand electrons; WebGPU, chosen, says what to do", async () => {
    const site = await openSite(await serveBuilt(folder), [
      "--disable-gpu",
      "--disable-3d-apis",
      "--disable-features=WebGPU",
    ]);
    const page = await site.open({ path: "index.html?count=1000" });
    await page.waitForFunction(() => Number(document.getElementById("steps")!.textContent) >= 3);
    expect(await text(page, "status")).toContain("on WebAssembly, the fastest here: there is no GPU to ask");
    await page.locator("#backend").selectOption("webgpu");
    await state(page, "error");
    expect(await text(page, "status")).toMatch(/WebGPU/);
    await site.close();
  });
});
