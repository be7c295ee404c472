/** The gallery's models are found, and an audit of one layer of each kind of file comes out right. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { yardstickOf } from "../src/yardstick.mjs";

const example = join(import.meta.dirname, "..");

test("one layer each of ONNX and TensorFlow.js files is audited, and the page is whole", () => {
  const layers = ["--layer", "entry_flow/conv_in/filters", "--layer", "conv2d_0.w_0", "--layer", "Conv1/kernel"];
  const printed = execFileSync(
    process.execPath,
    [join(example, "src/main.mjs"), "--installed", "--format", "json", "--pairs", "2000", ...layers],
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

test("the yardstick counts each real layer once, by what is left of it without copies", () => {
  const layer = (file: string, count: number, dim: number, score: number, more = {}) => ({
    ...{ file, count, dim, score, livingScore: null, distinctScore: null, energyHalf: 0.5 + score / 1e4 },
    ...more,
  });
  const layers = [
    layer("a.onnx", 16, 64, 1),
    // The same weights in another format.
    layer("a.tflite", 16, 64, 1),
    layer("a.onnx", 16, 64, 900, { distinctScore: 3 }),
    layer("a.onnx", 16, 64, 700, { livingScore: 5 }),
    // Of two neurons, without a score, or a table that was written anew.
    layer("a.onnx", 2, 64, 5000),
    { ...layer("a.onnx", 20, 64, 7), score: null },
    layer("/tmp/x/wordllama-2048.csv", 16, 64, 4000),
  ];
  const { files, layers: count, groups } = yardstickOf({ layers });
  expect([files, count]).toEqual([2, 3]);
  expect(groups.map((group) => group.layers)).toEqual([0, 0, 3, 0, 0]);
  expect(groups[2]!.scores.map(([, score]) => score)).toEqual([1.2, 1.4, 2, 3, 4, 4.6, 4.8]);
});
