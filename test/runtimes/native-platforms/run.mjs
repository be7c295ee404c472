/**
 * `npm run test:native-platforms -- [FOLDER] [--only NAME,…]`: builds the native package's binaries for every platform, checks what kind of files they are, and runs the
 * package's own tests and the conformance suite on those that this machine can run, some of them under emulation. Reports go to FOLDER. README.md says more.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "tsdown";
import { buildHarness } from "./harness.mjs";
import { machines, onlyChecked, programs } from "./machines.mjs";

const root = join(import.meta.dirname, "../../..");
const native = join(root, "packages/native");
const options = { only: { type: "string" }, built: { type: "boolean" } };
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const names = [...machines, ...programs].map(({ name }) => name);
const wanted = values.only?.split(",") ?? names;
const unknown = wanted.find((name) => !names.includes(name));
if (unknown !== undefined) {
  console.error(`Expected machines among ${names.join(", ")}, got "${unknown}".`);
  process.exit(2);
}
const folder = positionals[0] ? resolve(positionals[0]) : mkdtempSync(join(tmpdir(), "comhe-native-"));
mkdirSync(folder, { recursive: true });

if (!values.built) {
  // Formats and exports of all are checked there.
  const built = spawnSync("npm", ["run", "build:platforms", "--workspace=@comhe/native"], {
    cwd: root,
    stdio: "inherit",
  });
  if (built.status !== 0) process.exit(1);
}

let failed = 0;
for (const { name, platform, missing, command, isSlow } of programs) {
  if (!wanted.includes(name)) continue;
  if (missing) {
    console.info(`${name}: skipped, ${missing}`);
    continue;
  }
  const [program, ...args] = [...command, buildHarness(platform), isSlow ? "100" : "20000"];
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  console.info(
    `${name} (the kernels without JavaScript): ${status === 0 ? stdout.trim() : `failed\n${stdout}${stderr}`}`,
  );
  if (status !== 0) failed++;
}

/** The tests as one module, which lies as far from the built packages as their sources do. */
const bundle = join(native, "build/tests.mjs");
const entry = join(native, "build/tests-entry.ts");
const files = ["conformance", "native-backend", "precision", "random", "door", "workers"];
const runner = JSON.stringify(join(import.meta.dirname, "runner.mjs"));
writeFileSync(
  entry,
  `${files.map((name) => `import "../test/${name}.test.js";\n`).join("")}import { finish } from ${runner};
finish(process.env.COMHE_REPORT).then((passed) => process.exit(passed ? 0 : 1));
`,
);
await build({
  entry: { tests: entry },
  outDir: join(native, "build/bundle"),
  format: "esm",
  platform: "node",
  target: "es2022",
  alias: { vitest: join(import.meta.dirname, "runner.mjs") },
  noExternal: [/./],
  // The package says that its modules have no effects; its tests are nothing else.
  treeshake: false,
  dts: false,
  config: false,
  logLevel: "error",
});
writeFileSync(bundle, readFileSync(join(native, "build/bundle/tests.mjs"), "utf8"));
rmSync(entry);

for (const { name, platform, where, missing, command, isSlow } of machines) {
  if (!wanted.includes(name)) continue;
  if (missing) {
    console.info(`${name}: skipped, ${missing}`);
    continue;
  }
  const modules = join(native, "build/modules", name);
  const link = join(modules, "@comhe", `native-${platform}`);
  rmSync(modules, { recursive: true, force: true });
  mkdirSync(join(modules, "@comhe"), { recursive: true });
  symlinkSync(join(native, "build/platforms", platform), link);
  const report = join(folder, `native-${name}@${process.version}.json`);
  rmSync(report, { force: true });
  const { program, env } = command();
  const started = performance.now();
  const { status, stdout, stderr, signal } = spawnSync(program[0], [...program.slice(1), bundle], {
    env: {
      ...process.env,
      ...env,
      NODE_PATH: modules,
      COMHE_REPORT: report,
      COMHE_WHERE: where,
      ...(isSlow ? { COMHE_FUZZ_CALLS: "600", COMHE_WORKERS: "4" } : {}),
    },
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  if (!existsSync(report)) {
    console.error(`${name}: no report, exit code ${status ?? signal}\n${stdout}\n${stderr}`);
    failed++;
    continue;
  }
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
  console.info(`${name} (${where}): ${numPassedTests} passed, ${numFailedTests} failed (${seconds} s)`);
  if (status !== 0) {
    console.error(stderr);
    failed++;
  }
}
for (const [platform, why] of Object.entries(onlyChecked)) {
  console.info(`${platform}: only its format and its exports were checked; ${why}`);
}
console.info(`Reports are in ${folder}`);
process.exit(failed === 0 ? 0 : 1);
