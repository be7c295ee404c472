/**
 * What a visitor downloads and waits for on the site's doors, before anything is chosen: `npm run measure --workspace=@comhe/docs` builds the site, serves it
 * gzipped on loopback, as static hosts do, and opens each page anew in headless Chromium whose processor is slowed down four times. It prints a table, and exits 1 beyond the bounds.
 *
 * Interactive: after the first contentful paint and the end of the document, once the last task of more than 50 ms has ended.
 */

import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";

const site = process.argv[2] ?? join(import.meta.dirname, "../.vitepress/dist");
const pages = ["/", "/playground/index.html", "/playground/train.html", "/audit/index.html"];
const bounds = { kilobytes: 400, milliseconds: 2000 };
const repeats = 3;
const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm",
};
/** Packed already. */
const asTheyAre = new Set([".png", ".woff2"]);

const server = createServer(({ url = "/" }, response) => {
  const path = join(site, decodeURIComponent(new URL(url, "http://site").pathname));
  const file = [path, `${path}.html`, join(path, "index.html")].find((each) => extname(each) && existsSync(each));
  if (!file) return void response.writeHead(404).end();
  const bytes = readFileSync(file);
  const packed = !asTheyAre.has(extname(file));
  const type = types[extname(file)] ?? "application/octet-stream";
  response.writeHead(200, { "content-type": type, ...(packed && { "content-encoding": "gzip" }) });
  response.end(packed ? gzipSync(bytes) : bytes);
}).listen(0, "127.0.0.1");
await once(server, "listening");
const origin = `http://127.0.0.1:${server.address().port}`;
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-quic", "--enable-unsafe-swiftshader"],
});

async function measure(path) {
  const context = await browser.newContext({ bypassCSP: true, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  let bytes = 0;
  await cdp.send("Network.enable");
  cdp.on("Network.loadingFinished", ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await page.addInitScript(() => {
    globalThis.ends = [];
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) globalThis.ends.push(startTime + duration);
    }).observe({ type: "longtask", buffered: true });
  });
  await page.goto(origin + path, { waitUntil: "load" });
  await page.waitForTimeout(3000);
  const { paint, end, ends } = await page.evaluate(() => ({
    paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
    end: performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
    ends: globalThis.ends,
  }));
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  await page.addScriptTag({ path: axe });
  const violations = await page.evaluate(async () =>
    (await globalThis.axe.run(document)).violations.map(({ id }) => id),
  );
  await context.close();
  return { bytes, paint, interactive: Math.max(paint, end, ...ends.filter((each) => each > 0)), violations };
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
console.log("| page | kB, gzipped | first paint, ms | interactive, ms | axe-core finds |\n|---|---|---|---|---|");
let beyond = false;
for (const path of pages) {
  const runs = [];
  for (let n = 0; n < repeats; n++) runs.push(await measure(path));
  const kilobytes = median(runs.map(({ bytes }) => bytes)) / 1000;
  const paint = median(runs.map((run) => run.paint));
  const interactive = median(runs.map((run) => run.interactive));
  const found = [...new Set(runs.flatMap(({ violations }) => violations))];
  // The search button draws its shortcut by CSS, and axe-core takes the drawn `K` for a part of its label.
  const real = found.filter((id) => id !== "label-content-name-mismatch");
  console.log(
    `| ${path} | ${kilobytes.toFixed(0)} | ${paint.toFixed(0)} | ${interactive.toFixed(0)} | ${real.join(", ") || "nothing"} |`,
  );
  beyond ||= kilobytes > bounds.kilobytes || interactive > bounds.milliseconds || real.length > 0;
}
await browser.close();
server.close();
if (beyond) {
  console.error(
    `Beyond the bounds: ${bounds.kilobytes} kB, interactive within ${bounds.milliseconds} ms, nothing for axe-core.`,
  );
  process.exit(1);
}
