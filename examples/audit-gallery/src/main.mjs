/** `node src/main.mjs [options of comhe audit]`: audits every model of the gallery and writes `out/gallery.html`. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { galleryFiles } from "./models.mjs";

const example = dirname(import.meta.dirname);
const comhe = join(dirname(fileURLToPath(import.meta.resolve("@comhe/cli"))), "main.js");
const scratch = mkdtempSync(join(tmpdir(), "audit-gallery-"));
try {
  const out = join(example, "out");
  mkdirSync(out, { recursive: true });
  // The detector's anchors: boxes on a grid, stored beside its weights.
  const options = ["--html", join(out, "gallery.html"), "--exclude", "Output/extra_dim", ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, [comhe, "audit", ...galleryFiles(scratch), ...options], {
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
