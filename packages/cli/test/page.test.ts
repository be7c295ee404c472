/** The page of an audit as people use it, in Chromium: by keyboard, on a phone, in the dark. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { randomStream } from "@comhe/core";
import { type Browser, launchChromium, type Page, skipReason } from "@comhe/page-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { safetensorsBytes, write } from "../../models/test/weights-files.js";
import { main } from "./run-command.js";

if (skipReason) console.info(`the page of an audit: skipped, ${skipReason}`);

describe.skipIf(skipReason)("the page of an audit", () => {
  const folder = mkdtempSync(join(tmpdir(), "comhe-page-"));
  let browser: Browser;

  beforeAll(async () => {
    const tensors = [16, 64, 32].map((count, n) => {
      const data = randomStream(n, "page", 0).fillNormal(new Float32Array(count * 24));
      data.copyWithin(24 * (n + 1), 0, 24);
      const name = n === 0 ? `${"transformer_block_with_a_very_long_name.".repeat(6)}weight` : `layer${n}.weight`;
      return { name, dtype: "F32", shape: [count, 24], bytes: new Uint8Array(data.buffer) };
    });
    write(folder, "model.safetensors", safetensorsBytes(tensors));
    write(folder, "other.safetensors", safetensorsBytes(tensors.slice(1)));
    execFileSync(process.execPath, [main, "audit", "model.safetensors", "other.safetensors", "--html", "page.html"], {
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
    expect(await numbers()).toEqual([64, 64, 32, 32, 16]);
    expect(await heads.nth(column).getAttribute("aria-sort")).toBe("descending");
    await page.keyboard.press("Space");
    expect(await numbers()).toEqual([16, 32, 32, 64, 64]);
    expect(await heads.nth(column).getAttribute("aria-sort")).toBe("ascending");
    expect(await page.locator("thead [aria-sort]").count()).toBe(1);
    await page.close();
  });

  test.each([
    ["light", 390],
    ["dark", 390],
    ["light", 1280],
  ] as const)(
    "%s, %i pixels wide, nothing is cut off, overprinted, or too small to read",
    async (scheme, width) => {
      const page = await open(width, scheme);
      const shots = process.env.COMHE_SCREENSHOTS;
      if (shots) await page.screenshot({ path: join(shots, `audit-${scheme}-${width}.png`), fullPage: true });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      const sizes = await page
        .locator("figure :is(.name, .value, .places span, .degrees span)")
        .evaluateAll((texts) => texts.map((text) => Number.parseFloat(getComputedStyle(text).fontSize)));
      expect(sizes.length).toBeGreaterThan(20);
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(12);
      // Best, random and ticks beside each other, names above bars, titles above histograms.
      const texts = await page.locator("figure :is(.name, .track .value, .places span)").evaluateAll((all) =>
        all.map((each) => {
          const { left, right, top, bottom } = each.getBoundingClientRect();
          return { text: each.textContent, left, right, top, bottom };
        }),
      );
      for (const [n, a] of texts.entries()) {
        expect(a.left, a.text).toBeGreaterThanOrEqual(0);
        expect(a.right, a.text).toBeLessThanOrEqual(width);
        for (const b of texts.slice(n + 1)) {
          const apart =
            a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
          expect(apart, `"${a.text}" overprints "${b.text}"`).toBe(true);
        }
      }
      // The worst layer's bar is longer than the next one's, and all of both is on the screen.
      const bars = await page
        .locator(".scale .bar")
        .evaluateAll((all) => all.map((bar) => bar.getBoundingClientRect()));
      expect(bars[0]!.width).toBeGreaterThan(bars.at(-1)!.width);
      for (const { right } of bars) expect(right).toBeLessThan(width);
      const table = page.locator(".numbers .scroll");
      const isCut = () => table.evaluate((box) => box.scrollWidth > box.clientWidth);
      if (width === 1280) expect(await isCut()).toBe(false);
      await page.getByLabel(/more columns/).check();
      expect(await page.locator("th.more").first().isVisible()).toBe(true);
      expect(await table.getAttribute("tabindex")).toBe("0");
      await page.close();
    },
    60_000,
  );
});
