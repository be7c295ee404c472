/**
 * `npm run test:node-versions`: on each version of Node that is supported, the packed packages in empty projects (test/packages),
 * and one or more of every operation and strategy of the conformance suite on the backends. `--reports FOLDER` keeps the
 * runners' reports, for the site's support matrix; `--versions 22,24` takes these; `--only conformance`
 * takes the jobs whose name contains that.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { fetchNode, versions } from "./nodes.mjs";

const root = join(import.meta.dirname, "..", "..", "..");
const { values } = parseArgs({
  options: { reports: { type: "string" }, versions: { type: "string" }, only: { type: "string" } },
});
const temporary = mkdtempSync(join(tmpdir(), "comhe-node-versions-"));
const reports = resolve(values.reports ?? temporary);

const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const conformance = join(import.meta.dirname, "..", "conformance", "run.mjs");
const jobs = {
  "packed packages": (node) => {
    const report = join(temporary, `packages-${node}.json`);
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    return {
      args: [vitest, "run", "--root", "test", "--mode", "packages", "install", ...reporters],
      passed: () => JSON.parse(readFileSync(report, "utf8")).numPassedTests,
    };
  },
  ...Object.fromEntries(
    ["reference", "wasm", "tfjs", "onnx"].map((name) => [
      `conformance, ${name}`,
      (node) => ({
        args: [conformance, reports, "--only", name, "--reduced"],
        passed: () => JSON.parse(readFileSync(join(reports, `${name}@${node}.json`), "utf8")).numPassedTests,
      }),
    ]),
  ),
};

const results = [];
for (const version of values.versions?.split(",") ?? versions) {
  const bin = fetchNode(version);
  const executable = join(bin, process.platform === "win32" ? "node.exe" : "node");
  const node = spawnSync(executable, ["--version"], { encoding: "utf8" }).stdout.trim();
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  for (const [what, job] of Object.entries(jobs)) {
    if (values.only && !what.includes(values.only)) continue;
    const { args, passed } = job(node);
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync(executable, args, { cwd: root, env, encoding: "utf8" });
    const seconds = Math.round((performance.now() - started) / 1000);
    const result = status === 0 ? `${passed()} passed` : "FAILED";
    results.push({ node, what, result, seconds });
    console.info(`${node}, ${what}: ${result} (${seconds} s)`);
    if (status !== 0) console.error(`${stdout}\n${stderr}`);
  }
}
rmSync(temporary, { recursive: true });
console.table(results);
process.exit(results.every(({ result }) => result !== "FAILED") ? 0 : 1);
