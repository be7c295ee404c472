/**
 * Takes the pictures of the examples that print or write a report: runs each at a small size and photographs what it made,
 * in Debian's Chromium. `node docs/scripts/example-pictures.mjs [EXAMPLE…]`, after the examples are built. The other
 * examples' pictures: `examples/projections` and `examples/self-supervised` (`table`) write their own, the pages' are screenshots by hand.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const root = join(import.meta.dirname, "..", "..");
const temporary = mkdtempSync(join(tmpdir(), "comhe-pictures-"));

/** A run that says what it does while it does it. @returns what it printed as its result */
function run(program, ...args) {
  const stdio = ["ignore", "pipe", "inherit"];
  const { status, stdout } = spawnSync(process.execPath, [program, ...args], { cwd: root, encoding: "utf8", stdio });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed:\n${stdout}`);
  console.info(stdout);
  return stdout;
}

/** @returns the folders of finished runs: three configs, two seeds each */
function trainOnDigitPairs(out) {
  run("examples/cifar100/dist/main.js", "digit-pairs", out);
  const small = "--width 0.25 --batch 50 --steps 400 --learning-rate 0.01 --no-augment --test-every 50 --log-every 10";
  return ["none", "half-space-mhe", "random"].flatMap((config) =>
    ["1", "2"].map((seed) => {
      const folder = join(out, `${config}-${seed}`);
      const given = [
        "--data",
        out,
        "--config",
        `examples/cifar100/configs/${config}.json`,
        "--seed",
        seed,
        "--out",
        folder,
      ];
      run("examples/cifar100/dist/main.js", ...given, ...small.split(" "));
      return folder;
    }),
  );
}

/** The file `report` is photographed; without it, what is printed. */
const pictures = {
  cifar100: {
    args: (out) => ["report", ...trainOnDigitPairs(out), "--out", out],
    report: (out) => join(out, "report.html"),
    height: 1000,
  },
  fashion: {
    args: (out) => ["--seeds", "2", "--samples", "500", "--epochs", "5", "--workers", "2", "--out", out],
    report: (out) => join(out, "report.html"),
    height: 1000,
  },
  "audit-gallery": {
    program: "examples/audit-gallery/src/main.mjs",
    args: () => ["--format", "csv"],
    report: () => join(root, "examples/audit-gallery/out/gallery.html"),
    heading: "Where each model stands",
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
for (const [
  name,
  { program = `examples/${name}/dist/main.js`, args, report, heading, width = 1000, height },
] of Object.entries(pictures)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const out = join(temporary, name);
  const given = args(out);
  const stdout = run(program, ...given);
  const file = report ? report(out) : join(temporary, `${name}.html`);
  if (!report) writeFileSync(file, terminal(`node ${program} ${given.join(" ")}`, stdout));
  const page = await browser.newPage({ viewport: { width: report ? width : 1240, height: height ?? 600 } });
  await page.goto(pathToFileURL(file).href);
  if (heading) await page.locator("h2", { hasText: heading }).evaluate((found) => found.scrollIntoView());
  const path = join(root, "docs", "images", `${name}.png`);
  await (report ? page.screenshot({ path }) : page.locator("pre").screenshot({ path }));
  await page.close();
  console.info(`wrote ${path}`);
}
await browser.close();
rmSync(temporary, { recursive: true });
