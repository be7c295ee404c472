/** The gallery's models are found, and an audit of one layer of each kind of file comes out right. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const example = join(import.meta.dirname, "..");

test("one layer each of ONNX and TensorFlow.js files is audited, and the page is whole", () => {
  const layers = ["--layer", "entry_flow/conv_in/filters", "--layer", "conv2d_0.w_0", "--layer", "Conv1/kernel"];
  const printed = execFileSync(
    process.execPath,
    [join(example, "src/main.mjs"), "--format", "json", "--pairs", "2000", ...layers],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  );
  const audit = JSON.parse(printed) as { layers: { file: string; count: number; dim: number; energyHalf: number }[] };
  const kinds = new Set(audit.layers.map(({ file }) => /\.(\w+)$/.exec(file)![1]));
  expect([...kinds].sort()).toEqual(["json", "onnx"]);
  for (const { count, dim, energyHalf } of audit.layers) {
    expect(count).toBeGreaterThan(1);
    expect(dim).toBeGreaterThan(1);
    expect(energyHalf).toBeGreaterThan(0.25);
  }
  const page = readFileSync(join(example, "out", "gallery.html"), "utf8");
  expect(page).toContain("</html>");
  expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
});
