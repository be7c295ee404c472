// Prints the bill of materials of the published packages, as npm makes it from the lock file: `npm run --silent sbom > sbom.cdx.json`.
// CycloneDX 1.5; what only builds and tests need is left out. The release's workflow keeps it beside what it publishes.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const names = readdirSync(join(root, "packages"))
  .map((folder) => JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8")))
  .filter((manifest) => !manifest.private)
  .map(({ name }) => `--workspace=${name}`);
const args = ["sbom", "--sbom-format", "cyclonedx", "--omit", "dev", "--package-lock-only", ...names];
process.exit(spawnSync("npm", args, { cwd: root, stdio: "inherit" }).status ?? 1);
