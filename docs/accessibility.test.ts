/**
 * Every page in Chromium, light, dark and on a phone: axe-core finds nothing, and nothing is wider than the screen. Of the API
 * reference, whose pages a generator writes, some of each kind. `COMHE_SCREENSHOTS=FOLDER` keeps pictures of them.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { type Browser, launchChromium, skipReason } from "@comhe/page-kit";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

if (skipReason) console.info(`accessibility of the pages: skipped, ${skipReason}`);

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};
const apiPages =
  /^\/api\/(@comhe\/(core|wasm)\/(index|functions\/(energyAndGradient|wasmBackend)|interfaces\/Backend)?)?$/;

function pagesOf(site: string): readonly string[] {
  return readdirSync(site, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".html") && file !== "404.html")
    .map((file) => `/${file.replaceAll("\\", "/").replace(/(index)?\.html$/, "")}`)
    .filter((page) => !page.startsWith("/api/") || apiPages.test(page))
    .sort();
}

/** The search button draws its shortcut by CSS, and axe-core takes the drawn `K` for a part of its label. */
const rules = { "label-content-name-mismatch": { enabled: false } };

describe.skipIf(skipReason)("in Chromium", () => {
  let server: Server;
  let browser: Browser;
  beforeAll(async () => {
    const site = inject("site");
    server = createServer(({ url = "/" }, response) => {
      const path = join(site, decodeURIComponent(new URL(url, "http://site").pathname));
      const file = [path, `${path}.html`, join(path, "index.html")].find((each) => extname(each) && existsSync(each));
      response.writeHead(file ? 200 : 404, {
        "content-type": types[extname(file ?? "")] ?? "application/octet-stream",
      });
      response.end(file ? readFileSync(file) : "");
    }).listen(0, "127.0.0.1");
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test.each([
    ["light", 1280],
    ["dark", 1280],
    ["dark", 390],
  ] as const)("%s, %i pixels wide", async (colorScheme, width) => {
    // Pages with a policy of their own let no script in, axe-core neither.
    const context = await browser.newContext({ bypassCSP: true, colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    const found: string[] = [];
    for (const url of pagesOf(inject("site"))) {
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}${url}`);
      await page.waitForLoadState("load");
      const shots = process.env.COMHE_SCREENSHOTS;
      const name = `${url.replaceAll("/", "_")}-${colorScheme}-${width}.png`;
      if (shots) await page.screenshot({ path: join(shots, name), fullPage: true });
      const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      if ((overflow as number) > 0) found.push(`${url}: ${overflow} pixels wider than the screen`);
      await page.addScriptTag({ path: axe });
      const { violations } = (await page.evaluate(`axe.run(document, ${JSON.stringify({ rules })})`)) as Violations;
      for (const { id, help, nodes } of violations) {
        found.push(
          `${url}: ${id}, ${help}: ${nodes
            .slice(0, 3)
            .map(({ html }) => html.slice(0, 120))
            .join(" | ")}`,
        );
      }
    }
    await context.close();
    expect(found).toEqual([]);
  });
});

interface Violations {
  readonly violations: readonly { id: string; help: string; nodes: readonly { html: string }[] }[];
}
