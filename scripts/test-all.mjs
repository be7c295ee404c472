// Everything a change must pass: build, lint, types, and the tests of every workspace. The last line sums the tests up; what
// failed is named again just above it, since a workspace's own output is far up by then.
// Exits 1 where a step fails, a test fails, or a workspace with a test script has no test. `--reports FOLDER` keeps what the
// runners report, of which the site's support matrix is made.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { nightlySets } from "./nightly-sets.mjs";

const root = join(import.meta.dirname, "..");
const { values: options } = parseArgs({ options: { reports: { type: "string" } } });

function run(command, args, cwd = root) {
  console.log(`\n> ${[command, ...args].join(" ")}`);
  return spawnSync(command, args, { cwd, stdio: "inherit" }).status === 0;
}

/** The workspaces that take longest, longest first; the others are short. */
const longest = [
  "docs",
  "tfjs",
  "onnx",
  "webgpu",
  "test",
  "audit",
  "gpujs",
  "cli",
  "wasm",
  "models",
  "core",
  "conformance",
].map((name) => `@comhe/${name}`);

/** Workspaces with a `test` script: the long ones first, so that none of them is left over at the end. */
function testedWorkspaces() {
  const listed = spawnSync("npm", ["query", ".workspace"], { cwd: root, encoding: "utf8" });
  if (listed.status !== 0) throw new Error(`npm query .workspace failed: ${listed.stderr}`);
  const tested = JSON.parse(listed.stdout).filter(({ scripts }) => scripts?.test);
  const rank = ({ name }) => (longest.includes(name) ? longest.indexOf(name) : longest.length);
  return tested.sort((a, b) => rank(a) - rank(b));
}

/** What failed, in words: `workspace: file: test: first line of the message`. */
const failures = [];

function noteFailure(what) {
  console.error(what);
  failures.push(what);
}

/** Names a report's failed tests, and the files that failed before they had any. */
function noteFailedTests(name, { testResults }) {
  for (const { name: path, status, message, assertionResults } of testResults) {
    const file = relative(root, path);
    const failed = assertionResults.filter((test) => test.status === "failed");
    for (const { fullName, failureMessages } of failed)
      noteFailure(`${name}: ${file}: ${fullName}: ${failureMessages.join("\n").split("\n")[0]}`);
    if (status === "failed" && failed.length === 0) noteFailure(`${name}: ${file}: ${message.split("\n")[0]}`);
  }
}

/** Runs one workspace's tests and prints them whole when they end; counts come from the runner's own report. */
async function testWorkspace({ name }, reports) {
  const report = join(reports, `${name.replaceAll(/\W/g, "-")}.json`);
  const reporters = ["--", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const args = ["run", "test", "--silent", `--workspace=${name}`, ...reporters];
  const started = performance.now();
  const { succeeded, printed, ended } = await collect("npm", args);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`\n> npm ${args.slice(0, 4).join(" ")} (${seconds} s)\n${printed}`);
  try {
    const result = JSON.parse(readFileSync(report, "utf8"));
    const { numPassedTests, numFailedTests, numPendingTests, numTotalTests } = result;
    noteFailedTests(name, result);
    if (numTotalTests === 0) noteFailure(`${name}: no tests found`);
    const unexplained = !succeeded && numFailedTests === 0;
    if (unexplained) noteFailure(`${name}: the runner failed outside of a test, ${ended}`);
    return {
      passed: numPassedTests,
      failed: numFailedTests + (unexplained || numTotalTests === 0 ? 1 : 0),
      skipped: numPendingTests,
    };
  } catch (error) {
    noteFailure(`${name}: the runner left no report (${error.message})`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** Runs a command without a terminal and keeps what it prints. */
function collect(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let printed = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (printed += text));
    child.on("error", (error) => resolve({ succeeded: false, printed: error.message, ended: "not started" }));
    child.on("close", (code, signal) =>
      resolve({ succeeded: code === 0, printed, ended: signal ?? `exit code ${code}` }),
    );
  });
}

const steps = [
  ["node", "scripts/clean-dist.mjs"],
  ["npx", "turbo", "run", "build", "--output-logs=errors-only"],
  ["npm", "run", "lint", "--silent"],
  ["npx", "turbo", "run", "typecheck", "--output-logs=errors-only"],
];
const total = { passed: 0, failed: 0, skipped: 0 };
for (const [command, ...args] of steps) {
  if (run(command, args)) continue;
  noteFailure(`failed: ${[command, ...args].join(" ")}`);
  total.failed++;
  if (args.includes("build")) {
    console.log("0 passed, 1 failed");
    process.exit(1);
  }
}
const reports = options.reports === undefined ? mkdtempSync(join(tmpdir(), "comhe-tests-")) : resolve(options.reports);
mkdirSync(reports, { recursive: true });
// Three at a time: a runner runs a file at a time on two cores, and browsers and child processes leave it waiting.
const waiting = testedWorkspaces();
async function testNext() {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const counts = await testWorkspace(next, reports);
    for (const key of Object.keys(total)) total[key] += counts[key];
  }
}
await Promise.all([testNext(), testNext(), testNext()]);
if (options.reports === undefined) rmSync(reports, { recursive: true });
const left = Object.entries(nightlySets).map(([name, { why }]) => `  ${name}: ${why}`);
console.log(`\nLeft to npm run test:nightly, which a workflow runs every night:\n${left.join("\n")}`);
if (failures.length > 0) console.log(`\nFailed:\n${failures.map((failure) => `  ${failure}`).join("\n")}`);
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
