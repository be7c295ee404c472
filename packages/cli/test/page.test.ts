/** The page of an audit as people use it, in Chromium: by keyboard, on a phone, in the dark. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { randomStream } from "@comhe/core";
import { type Browser, launchChromium, type Page, skipReason } from "@comhe/page-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { safetensorsBytes, write } from "../../models/test/weights-files.js";

if (skipReason) console.info(`the page of an audit: skipped, ${skipReason}`);

describe.skipIf(skipReason)("the page of an audit", () => {
  const folder = mkdtempSync(join(tmpdir(), "comhe-page-"));
  let browser: Browser;

  beforeAll(async () => {
    const tensors = [16, 64, 32].map((count, n) => {
      const data = randomStream(n, "page", 0).fillNormal(new Float32Array(count * 24));
      data.copyWithin(24 * (n + 1), 0, 24);
      return { name: `layer${n}.weight`, dtype: "F32", shape: [count, 24], bytes: new Uint8Array(data.buffer) };
    });
    write(folder, "model.safetensors", safetensorsBytes(tensors));
    const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
    execFileSync(process.execPath, [main, "audit", "model.safetensors", "--html", "page.html"], {
      cwd: folder,
      stdio: "ignore",
    });
    browser = await launchChromium([]);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  async function open(width: number, colorScheme: "light" | "dark"): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    await page.goto(pathToFileURL(join(folder, "page.html")).href);
    return page;
  }

  test("its table is sorted by the keyboard alone, and says so", { timeout: 60_000 }, async () => {
    const page = await open(1200, "light");
    const heads = page.locator("table.sortable thead th");
    const column = (await heads.allTextContents()).indexOf("N");
    const numbers = async () =>
      (await page.locator(`table.sortable tbody tr > :nth-child(${column + 1})`).allTextContents()).map(Number);
    // By Tab alone, from the top of the page.
    const isReached = () => heads.nth(column).evaluate((head) => head.contains(document.activeElement));
    for (let presses = 0; presses < 40 && !(await isReached()); presses++) await page.keyboard.press("Tab");
    expect(await isReached()).toBe(true);
    await page.keyboard.press("Enter");
    expect(await numbers()).toEqual([64, 32, 16]);
    expect(await heads.nth(column).getAttribute("aria-sort")).toBe("descending");
    await page.keyboard.press("Space");
    expect(await numbers()).toEqual([16, 32, 64]);
    expect(await heads.nth(column).getAttribute("aria-sort")).toBe("ascending");
    expect(await page.locator("thead [aria-sort]").count()).toBe(1);
    await page.close();
  });

  test.each(["light", "dark"] as const)(
    "on a phone, %s, texts of charts are read and nothing is cut off",
    async (scheme) => {
      const page = await open(390, scheme);
      const sizes = await page.locator("svg text").evaluateAll((texts) =>
        texts.map((text) => {
          const scale = (text as SVGTextElement).getScreenCTM()!.d;
          return scale * Number.parseFloat(getComputedStyle(text).fontSize);
        }),
      );
      expect(sizes.length).toBeGreaterThan(20);
      expect(Math.min(...sizes)).toBeGreaterThan(9.9);
      // Wide pictures scroll in their own boxes, which the keyboard reaches; the page itself doesn't.
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      const boxes = page.locator("figure .scroll");
      for (const box of await boxes.all()) expect(await box.getAttribute("tabindex")).toBe("0");
      await page.close();
    },
    60_000,
  );
});
