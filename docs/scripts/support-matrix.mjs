/**
 * Writes `support-matrix.md` from what the test runners reported: `npm test -- --reports FOLDER`, and for runtimes with commands of
 * their own the report of each (`npx vitest … --reporter=json --outputFile=FOLDER/x.json`); then
 * `node docs/scripts/support-matrix.mjs FOLDER`.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch, platform } from "node:os";
import { join } from "node:path";

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("Expected the folder of the runners' reports: node docs/scripts/support-matrix.mjs FOLDER");
  process.exit(2);
}

const conforms = /^(.*?) conforms(?:, within (.*))?$/;
const suites = new Map();
for (const name of readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .sort()) {
  const { testResults } = JSON.parse(readFileSync(join(folder, name), "utf8"));
  for (const { assertionResults } of testResults) {
    for (const { ancestorTitles, status, title } of assertionResults) {
      const found = [...ancestorTitles, title].map((text) => conforms.exec(text)).find(Boolean);
      if (!found) continue;
      const [, backend, tolerance] = found;
      const suite = suites.get(backend) ?? { tolerance, passed: 0, failed: 0, skipped: [] };
      if (status === "passed") suite.passed++;
      else if (status === "failed") suite.failed++;
      else suite.skipped.push(title);
      suites.set(backend, suite);
    }
  }
}
if (suites.size === 0) throw new Error(`${folder}: no report of a conformance suite`);

const rows = [...suites].map(([backend, { tolerance, passed, failed, skipped }]) => {
  const result = failed > 0 ? `**${failed} failed**, ${passed} passed` : `${passed} passed`;
  return `| ${backend} | ${result} | ${skipped.length === 0 ? "" : skipped.join("; ")} | ${tolerance ?? ""} |`;
});
const text = `# Support matrix

What passed the conformance suite, and how exactly it is held to the float64 reference: every operation of the contract and every
strategy × potential × space, with their edge cases. A row is a run of the suite; a check is a family of cases. Written by
\`docs/scripts/support-matrix.mjs\` from the runners' reports (Node ${process.version}, ${platform()} ${arch()}).

| backend and runtime | checks | skipped, with the reason | tolerance |
|---|---|---|---|
${rows.join("\n")}

Energies are relative to |E|, gradients to the largest entry of ρ·g or to |E|: [\`@comhe/conformance\`](/packages/conformance) says exactly how.
Not run here, for want of the hardware: \`@tensorflow/tfjs-node-gpu\` (CUDA; it takes the tensor path of tfjs-node), ONNX Runtime's CUDA provider,
WebGL and WebGPU on a real GPU (they ran on SwiftShader, a GPU in software).
`;
writeFileSync(join(import.meta.dirname, "..", "support-matrix.md"), text);
console.info(`${suites.size} suites`);
