/**
 * Writes `support-matrix.md` from what the test runners reported about the conformance suite: from a folder that
 * `npm run test:conformance -- FOLDER` filled, or `npm test -- --reports FOLDER`; then
 * `node docs/scripts/support-matrix.mjs FOLDER`. A file named `…@v22.1.0.json` was written on that version of Node. With `--keep` what no report
 * has stays as it was, marked †: runs that take hours, or other machines, needn't all be made anew for a change of one backend.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch, platform } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { suitesOf } from "./conformance-suites.mjs";

const { values: options, positionals } = parseArgs({ options: { keep: { type: "boolean" } }, allowPositionals: true });
const [folder] = positionals;
if (!folder) {
  console.error("Expected the folder of the runners' reports: node docs/scripts/support-matrix.mjs FOLDER [--keep]");
  process.exit(2);
}
const written = join(import.meta.dirname, "..", "support-matrix.md");
const before = options.keep ? readFileSync(written, "utf8") : "";

/** Columns: what a check's name begins with. The first that fits. */
const operations = [
  ["transfer, scopes", /^(what it says|upload|scope)/],
  ["linear, columns", /^(linear|gatherColumns|sketch)/],
  ["directions", /^directions/],
  ["pairwise", /^(pairwise|what pairwise saves)/],
  ["mismatch", /^mismatch/],
  ["other objectives", /^objectives/],
  ["shapes, edges", /^(awkward|many rows|close rows|rows of any|a zero row under|separationFloor)/],
  ["repeats, state", /^(20 calls|two inputs|two evaluators|a restored|instances)/],
];
const strategies = [
  ["none", /^strategy none/],
  ["fixed", /^strategy fixed/],
  ["random", /^strategy random/],
  ["angle-preserving", /^strategy angle-preserving/],
  ["adversarial", /^strategy adversarial/],
  ["group", /^strategy group/],
  ["bilateral", /^strategy bilateral/],
  ["pca", /^strategy pca/],
  ["your own", /^strategy of one's own/],
  ["by differences", /^strategies against/],
];

const reports = readdirSync(folder).filter((name) => name.endsWith(".json"));
const suites = new Map();
for (const name of reports.sort()) {
  const node = /@(v\d+\.\d+\.\d+)\.json$/.exec(name)?.[1] ?? process.version;
  for (const suite of suitesOf(JSON.parse(readFileSync(join(folder, name), "utf8")))) {
    // The same suite may be in two reports: the run with more checks counts.
    const key = `${suite.name}, ${node}`;
    const other = suites.get(key);
    if (!other || other.checks.length <= suite.checks.length) suites.set(key, { ...suite, node });
  }
}
if (suites.size === 0) throw new Error(`${folder}: no report of a conformance suite`);

const packageOf = (name) => (name === "reference" ? "core" : /^onnx/.test(name) ? "onnx" : /^[a-z]+/.exec(name)[0]);
const order = ["core", "wasm", "native", "tfjs", "onnx", "gpujs", "webgpu"];
const all = [...suites.values()].sort(
  (a, b) => order.indexOf(packageOf(a.name)) - order.indexOf(packageOf(b.name)) || a.name.localeCompare(b.name),
);
/** Of each suite the run with the most checks, on the oldest Node where several have as many. */
const rows = all.filter((each) =>
  all
    .filter(({ name }) => name === each.name)
    .every(
      ({ checks, node }) =>
        checks.length < each.checks.length || (checks.length === each.checks.length && node >= each.node),
    ),
);

/** What the checks of one column gave. */
function cell(checks, pattern) {
  const there = checks.filter(({ name }) => pattern.test(name));
  const failed = there.filter(({ passed }) => !passed).length;
  if (there.length === 0) return "–";
  return failed > 0 ? `**✗ ${failed} of ${there.length}**` : `✓ ${there.length}`;
}

/**
 * Rows of a table, by package, with those of the table before that are of other runtimes, marked.
 * @param lines `| … | …` of the new rows @param heading of the section in which the table stands, in the file as it was
 * @param column which of a row's cells is the runtime
 */
function withEarlier(lines, heading, column) {
  const runtime = (line) => line.split(" | ")[column].replace(/^\| /, "").replace(/ †$/, "");
  const section = before.split(/^(?=#)/m).find((part) => part.startsWith(heading)) ?? "";
  const there = new Set(lines.map(runtime));
  const earlier = section
    .split("\n")
    .filter((line) => /^\| (?!package|runtime)/.test(line) && !there.has(runtime(line)))
    .map((line) => line.replace(runtime(line), `${runtime(line)} †`).replace("† †", "†"));
  const rank = (line) => order.indexOf(packageOf(runtime(line)));
  return [...lines, ...earlier].sort((x, y) => rank(x) - rank(y));
}

function table(heading, columns) {
  const lines = rows.map(({ name, node, checks }) => {
    const cells = columns.map(([, pattern]) => cell(checks, pattern));
    return `| ${runtimeOf(name, node)} | ${cells.join(" | ")} |`;
  });
  return [
    `| runtime | ${columns.map(([title]) => title).join(" | ")} |`,
    `|---|${columns.map(() => ":-:|").join("")}`,
    ...withEarlier(lines, heading, 0),
  ].join("\n");
}

/** In a page, Node only serves; Deno and Bun run on their own. */
function runtimeOf(name, node) {
  return /Chromium|Deno|Bun/.test(name) ? name : `${name} · Node ${node.slice(1).replace(/\..*/, "")}`;
}

function summary() {
  const most = Math.max(...rows.map(({ checks }) => checks.length));
  const lines = rows.map(({ name, node, tolerance, checks, skipped }) => {
    const failed = checks.filter(({ passed }) => !passed).length;
    const cases = checks.reduce((sum, each) => sum + each.cases, 0);
    const result = failed > 0 ? `**${failed} of ${checks.length} checks failed**` : `✓ ${checks.length} checks`;
    const part = checks.length < most / 2 ? ", a part of the suite" : "";
    const left = skipped.length === 0 ? "" : `; left out: ${skipped.join("; ")}`;
    const counted = cases > 0 ? cases.toLocaleString("en") : "";
    const bounds = tolerances.map((kind) => boundOf(tolerance, kind)).join(" | ");
    return `| \`@comhe/${packageOf(name)}\` | ${runtimeOf(name, node)} | ${result}${part}${left} | ${counted} | ${bounds} |`;
  });
  return withEarlier(lines, "# Support matrix", 1);
}

const tolerances = ["energy", "gradient", "near"];

/** Of "energy 1e-5, gradient 1e-4" one bound, with a minus where no line breaks. */
function boundOf(tolerance, kind) {
  const bound = new RegExp(`\\b${kind} ([^ ,]+)`).exec(tolerance ?? "")?.[1];
  return bound?.replace("-", "−") ?? "";
}

const nodes = [...new Set(all.map(({ node }) => node))].sort();

/** Suites that ran on more than one Node, by version. */
function byNode() {
  const names = [...new Set(all.map(({ name }) => name))].filter(
    (name) => all.filter((each) => each.name === name).length > 1,
  );
  // On one version alone, this time: what others gave before.
  if (names.length === 0) return before.split(/^(?=## )/m).find((part) => part.startsWith("## Versions of Node")) ?? "";
  const lines = names.map((name) => {
    const cells = nodes.map((node) => {
      const run = all.find((each) => each.name === name && each.node === node);
      return run ? cell(run.checks, /./) : "–";
    });
    return `| ${name} | ${cells.join(" | ")} |`;
  });
  return `## Versions of Node

The number of checks that passed on each version. Where there are fewer, a selection ran, with at least one check of every operation and strategy.

| suite | ${nodes.map((node) => node.slice(1)).join(" | ")} |
|---|${nodes.map(() => ":-:|").join("")}
${lines.join("\n")}

`;
}

const text = `# Support matrix

This page shows on which runtimes each package passed [the conformance suite](/packages/conformance). Every backend runs the same suite: each operation of the contract on its own, each strategy
× potential × space, unusual shapes, edge cases, repeated calls, restored states. A check is a family of cases. Written by
\`docs/scripts/support-matrix.mjs\` from the runners' reports (Node ${nodes.join(", ")}; ${platform()} ${arch()}).${options.keep ? " Rows with † are of an earlier run, when the suite had fewer checks, and were not run again." : ""}

| package | runtime | result | cases | ${tolerances.join(" | ")} |
|---|---|---|--:|${tolerances.map(() => "--:|").join("")}
${summary().join("\n")}

The last columns are the tolerances within which each must agree with the float64 reference. Errors of energies are relative to |E|, those of gradients to the largest entry of ρ·g or to |E|;
*near* applies to rows closer than a chord of 0.1, if a wider tolerance is stated for them. [\`@comhe/conformance\`](/packages/conformance) gives the exact definitions.

## Operations

The number of checks that passed; – means that none was run there.

${table("## Operations", operations)}

## Strategies

Energy and gradient of each strategy, with every potential and space. The checks of the last column compare with central differences instead of the reference.

${table("## Strategies", strategies)}

${byNode()}## Which rows are there

\`npm run test:conformance -- FOLDER\` runs everything that needs only \`npm ci\` and Chromium. \`--also\` adds by name what needs more: \`tfjs-node\`
(libtensorflow), \`onnx-webgpu\`, \`gpujs-headlessgl\`, and \`gpujs-page-whole\`, \`onnx-page-whole\`, \`webgpu-page-whole\` and \`webgpu-whole\` (in the tests those run a part of the suite).
\`webgpu-deno\` runs a part in Deno, whose version 2.9.6 ends within the whole suite in a panic of its own.
\`npm run test:node-versions\` does it on Node 20, 22 and 24. \`npm run test:native-platforms -- FOLDER\` adds the native kernels on a processor without
AVX and on 64-bit ARM, both emulated by QEMU, and with musl: on x64 in Bun; on 64-bit ARM, where no JavaScript runtime for musl was tried, from a C program.

For lack of the machines, the following were never run: \`@tensorflow/tfjs-node-gpu\` (it uses the same code as tfjs-node), ONNX Runtime's
CUDA provider, WebGL and WebGPU on a real GPU (here they run on SwiftShader, a GPU emulated in software), macOS and Windows, Firefox and Safari. Of \`@comhe/native\`'s
binaries for macOS (arm64, x64) and Windows (x64, arm64) only format, processor, exports and size were checked; none of their code was executed.
`;
writeFileSync(written, text);
console.info(`${rows.length} suites, ${rows.reduce((sum, { checks }) => sum + checks.length, 0)} checks`);
