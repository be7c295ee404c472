/** Draws `public/social-card.png`, which social media show with a link: the front page's picture and its first words, 1200×630. Run it when those change; `npm run site` first. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const folder = join(import.meta.dirname, "../public");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // The module comes from a file beside the page's.
  args: ["--no-sandbox", "--disable-quic", "--allow-file-access-from-files"],
});
const page = await browser.newPage({ viewport: { width: 1200, height: 630 }, reducedMotion: "reduce" });
await page.goto(pathToFileURL(join(folder, "favicon.svg")).href);
await page.goto(pathToFileURL(join(folder, "playground/index.html")).href);
await page.setContent(`<style>
  body { margin: 0; display: grid; grid-template-columns: 640px 480px; align-items: center; gap: 10px; height: 630px; padding-left: 60px;
    font: 30px/1.4 system-ui, sans-serif; color: #2b2d33; background: white;
    --accent: #3a5ccc; --quiet: #8b93a8; --line: #c9ccd3; --ground: #ffffff }
  h1 { font-size: 66px; line-height: 1.1; margin: 0 0 24px; color: #3451b2 }
  canvas { width: 480px; height: 480px }
</style>
<div><h1>CoMHE for JavaScript</h1>How much do your neurons repeat each other? Hyperspherical energy: measured, lowered in training, audited.</div>
<canvas id="live"></canvas>`);
await page.evaluate(
  async (module) => {
    const { showElectrons } = await import(module);
    showElectrons(document.getElementById("live"));
  },
  pathToFileURL(join(folder, "playground/live.js")).href,
);
await page.waitForFunction(() => document.getElementById("live").dataset.state === "settled");
await page.waitForTimeout(500);
await page.screenshot({ path: join(folder, "social-card.png") });
await browser.close();
