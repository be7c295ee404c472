/**
 * `node src/main.mjs [--installed] [--yardstick] [options of comhe audit]`: audits every model of the gallery and writes `out/gallery.html`. `--installed` takes those alone that
 * `npm ci` has brought; `--yardstick` also writes what scores of real layers are held to, `packages/audit/src/verdict/yardstick-data.ts`.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { galleryFiles, installedFiles } from "./models.mjs";
import { writeYardstick } from "./yardstick.mjs";

const example = dirname(import.meta.dirname);
const comhe = join(dirname(fileURLToPath(import.meta.resolve("@comhe/cli"))), "main.js");
const asked = new Set(process.argv.slice(2).filter((each) => each === "--installed" || each === "--yardstick"));
const others = process.argv.slice(2).filter((each) => !asked.has(each));
const scratch = mkdtempSync(join(tmpdir(), "audit-gallery-"));
try {
  const out = join(example, "out");
  mkdirSync(out, { recursive: true });
  const files = asked.has("--installed") ? installedFiles(scratch) : await galleryFiles(scratch);
  // The detector's anchors: boxes on a grid, stored beside its weights.
  const options = ["--html", join(out, "gallery.html"), "--exclude", "Output/extra_dim", ...others];
  const json = asked.has("--yardstick");
  const { status, stdout } = spawnSync(
    process.execPath,
    [comhe, "audit", ...files, ...options, ...(json ? ["--format", "json"] : [])],
    { stdio: ["inherit", json ? "pipe" : "inherit", "inherit"], encoding: "utf8", maxBuffer: 2 ** 30 },
  );
  if (json && status === 0) {
    const data = join(example, "../../packages/audit/src/verdict/yardstick-data.ts");
    writeFileSync(join(out, "gallery.json"), stdout);
    writeYardstick(JSON.parse(stdout), data);
    process.stderr.write(`${data} written; build @comhe/audit\n`);
  }
  process.exitCode = status ?? 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
