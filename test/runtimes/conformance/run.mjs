/**
 * `npm run test:conformance -- FOLDER`: runs the conformance suite on every backend and runtime that is here, and keeps what the
 * runner reports, one file for each run, named after it and after Node's version. `node docs/scripts/support-matrix.mjs FOLDER`
 * makes the site's support matrix of them.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { reduced, runs } from "./runs.mjs";

const root = join(import.meta.dirname, "..", "..", "..");
const optIn = Object.entries(runs).filter(([, run]) => run.optIn);
const usage = `Usage: npm run test:conformance -- FOLDER [--only RUN,…] [--also RUN,…] [--reduced]

FOLDER      where the runner's reports go
--only      these runs: ${Object.keys(runs).join(", ")}
--also      the usual runs and these, each of which needs something:
${optIn.map(([name, run]) => `              ${name}: ${run.optIn}`).join("\n")}
--reduced   one check or more of every operation and strategy, not all of them; no pages`;

function readCommandLine() {
  const options = { only: { type: "string" }, also: { type: "string" }, reduced: { type: "boolean" } };
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (positionals.length !== 1) throw new Error(`Expected one folder, got ${positionals.length}.`);
    const listed = (text) => text?.split(",") ?? [];
    const usual = Object.keys(runs).filter((name) => !runs[name].optIn);
    const names = values.only === undefined ? [...usual, ...listed(values.also)] : listed(values.only);
    const unknown = names.find((name) => !(name in runs));
    if (unknown !== undefined) throw new Error(`Expected runs of the list below, got "${unknown}".`);
    return { folder: resolve(positionals[0]), names, isReduced: values.reduced === true };
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
}

const { folder, names, isReduced } = readCommandLine();
mkdirSync(folder, { recursive: true });
let failed = 0;
for (const name of names) {
  const { cwd, command, env, inPage, missing } = runs[name];
  const why = missing ?? (isReduced && inPage ? "pages run the whole suite" : undefined);
  if (why) {
    console.info(`${name}: skipped, ${why}`);
    continue;
  }
  const report = join(folder, `${name}@${process.version}.json`);
  rmSync(report, { force: true });
  const only = inPage ? "conforms" : isReduced ? reduced.source : undefined;
  const args = ["--reporter=json", `--outputFile.json=${report}`, ...(only ? ["-t", only] : [])];
  const started = performance.now();
  const [program, ...first] = command;
  // Its own place in PATH, so that the program runs on this Node and on no other.
  const path = `${join(process.execPath, "..")}:${process.env.PATH}`;
  const { status, stdout, stderr } = spawnSync(program, [...first, ...args], {
    cwd: join(root, cwd),
    env: { ...process.env, PATH: path, ...env },
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  if (!existsSync(report)) {
    console.error(`${name}: the runner left no report\n${stdout}\n${stderr}`);
    failed++;
    continue;
  }
  const { numPassedTests, numFailedTests, success } = JSON.parse(readFileSync(report, "utf8"));
  console.info(`${name} on Node ${process.version}: ${numPassedTests} passed, ${numFailedTests} failed (${seconds} s)`);
  if (status !== 0 || !success || numPassedTests === 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
