/**
 * Takes the pictures of the examples that print or write a report: runs each at a small size and photographs what it made,
 * in Debian's Chromium. `node docs/scripts/example-pictures.mjs [EXAMPLE…]`, after the examples are built. The other
 * examples' pictures: `examples/projections` writes its own, the pages' are screenshots by hand; CIFAR-100 isn't at hand to make one.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const root = join(import.meta.dirname, "..", "..");
const temporary = mkdtempSync(join(tmpdir(), "comhe-pictures-"));

/** The file `report` is photographed; without it, what is printed. */
const pictures = {
  fashion: {
    args: (out) => ["--seeds", "2", "--samples", "500", "--epochs", "5", "--workers", "2", "--out", out],
    report: (out) => join(out, "report.html"),
    height: 1000,
  },
  "audit-gallery": {
    program: "examples/audit-gallery/src/main.mjs",
    args: () => ["--format", "csv"],
    report: () => join(root, "examples/audit-gallery/out/gallery.html"),
    width: 1100,
    height: 860,
  },
  "onnx-few-shot-head": { args: () => ["--seeds", "24"] },
  "onnx-inspect-model": { args: () => ["--top", "3"] },
};

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

function terminal(command, printed) {
  return `<!doctype html><meta charset="utf-8"><title>${command}</title><body style="margin:0;display:inline-block">
<pre style="margin:0;padding:20px 24px;background:#1c1f24;color:#e6e8eb;font:13px/1.15 'DejaVu Sans Mono',monospace;
display:inline-block;max-width:1180px;white-space:pre-wrap"><span style="color:#8fd3a8">$ ${command}</span>\n${escaped(printed.trim())}</pre>`;
}

const chosen = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
for (const [name, { program = `examples/${name}/dist/main.js`, args, report, width = 1000, height }] of Object.entries(
  pictures,
)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const out = join(temporary, name);
  const given = args(out);
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...given], { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`${name} failed:\n${stdout}\n${stderr}`);
  console.info(stdout);
  const file = report ? report(out) : join(temporary, `${name}.html`);
  if (!report) writeFileSync(file, terminal(`node ${program} ${given.join(" ")}`, stdout));
  const page = await browser.newPage({ viewport: { width: report ? width : 1240, height: height ?? 600 } });
  await page.goto(pathToFileURL(file).href);
  const path = join(root, "docs", "images", `${name}.png`);
  await (report ? page.screenshot({ path }) : page.locator("pre").screenshot({ path }));
  await page.close();
  console.info(`wrote ${path}`);
}
await browser.close();
rmSync(temporary, { recursive: true });
