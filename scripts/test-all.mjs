// Everything a change must pass: build, lint, types, and the tests of every workspace. The last line sums the tests up.
// Exits 1 where a step fails, a test fails, or a workspace with a test script has no test. `--reports FOLDER` keeps what the
// runners report, of which the site's support matrix is made.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const root = join(import.meta.dirname, "..");
const { values: options } = parseArgs({ options: { reports: { type: "string" } } });

function run(command, args, cwd = root) {
  console.log(`\n> ${[command, ...args].join(" ")}`);
  return spawnSync(command, args, { cwd, stdio: "inherit" }).status === 0;
}

/** Workspaces in the order npm lists them, with their `test` script. */
function testedWorkspaces() {
  const listed = spawnSync("npm", ["query", ".workspace"], { cwd: root, encoding: "utf8" });
  if (listed.status !== 0) throw new Error(`npm query .workspace failed: ${listed.stderr}`);
  return JSON.parse(listed.stdout).filter(({ scripts }) => scripts?.test);
}

/** Runs one workspace's tests; counts come from the runner's own report. */
function testWorkspace({ name, location }, reports) {
  const report = join(reports, `${name.replaceAll(/\W/g, "-")}.json`);
  const reporters = ["--", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const succeeded = run("npm", ["run", "test", "--silent", `--workspace=${location}`, ...reporters]);
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTotalTests } = JSON.parse(readFileSync(report, "utf8"));
    if (numTotalTests === 0) console.error(`${name}: no tests found`);
    const unexplained = !succeeded && numFailedTests === 0;
    if (unexplained) console.error(`${name}: the runner failed outside of a test`);
    return {
      passed: numPassedTests,
      failed: numFailedTests + (unexplained || numTotalTests === 0 ? 1 : 0),
      skipped: numPendingTests,
    };
  } catch (error) {
    console.error(`${name}: the runner left no report (${error.message})`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const steps = [
  ["npx", "turbo", "run", "build", "--output-logs=errors-only"],
  ["npm", "run", "lint", "--silent"],
  ["npx", "turbo", "run", "typecheck", "--output-logs=errors-only"],
];
const total = { passed: 0, failed: 0, skipped: 0 };
for (const [command, ...args] of steps) {
  if (run(command, args)) continue;
  console.error(`failed: ${[command, ...args].join(" ")}`);
  total.failed++;
  if (args.includes("build")) {
    console.log("0 passed, 1 failed");
    process.exit(1);
  }
}
const reports = options.reports === undefined ? mkdtempSync(join(tmpdir(), "comhe-tests-")) : resolve(options.reports);
mkdirSync(reports, { recursive: true });
for (const workspace of testedWorkspaces()) {
  const counts = testWorkspace(workspace, reports);
  for (const key of Object.keys(total)) total[key] += counts[key];
}
if (options.reports === undefined) rmSync(reports, { recursive: true });
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
