/** What the page "On your GPU" loads: the run, bundled from `benchmarks/src/gpu`, and the results recorded so far. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @param {string} root of the repository
 * @param {string} folder which is written anew
 */
export function writeGpuPage(root, folder) {
  const benchmarks = join(root, "benchmarks");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const args = ["vite", "build", "--config", "vite.page.config.ts", "--outDir", folder];
  const { status, stdout, stderr } = spawnSync("npx", args, { cwd: benchmarks, encoding: "utf8" });
  if (status !== 0) throw new Error(`npx ${args.join(" ")} failed:\n${stdout}\n${stderr}`);
  const results = join(benchmarks, "results/gpu");
  const files = existsSync(results) ? readdirSync(results).filter((file) => file.endsWith(".json")) : [];
  const recorded = files.sort().map((file) => JSON.parse(readFileSync(join(results, file), "utf8")));
  writeFileSync(join(folder, "recorded.json"), JSON.stringify(recorded));
}
