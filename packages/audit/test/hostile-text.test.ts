/** Names come from files: CSV, JSON and Markdown hold them as text, whatever they are. */
import { describe, expect, test } from "vitest";
import { compactJson, csvLine, layerLabel, markdownTable, markdownText, printable } from "../src/text.js";

const hostile = [
  "=cmd|' /C calc'!A0",
  "+1+cmd",
  "-2+3",
  "@SUM(1)",
  "\t=1",
  "\r=1",
  "＝1+1",
  "\u001b[31mred\u0007",
  "\u009b31m",
  "abc\u202edef\u2066x",
  "a\u200bb\ufeff",
  '"quoted", with commas\nand lines',
  "<img src=x onerror=alert(1)>",
  "[link](javascript:alert(1))",
  "![image](https://example.org/x.png)",
  "https://example.org and www.example.org",
  "**bold** _it_ ~~struck~~ `code` | cell $x$ # title",
  "\\| escaped",
];
/** Acted on by terminals, or reordering what is shown. */
const acting = /[^\P{Cc}\n]|\p{Cf}|[\u2028\u2029]/u;

describe.each(hostile)("%j", (name) => {
  test("in CSV is one cell that begins no formula", () => {
    const line = csvLine([name, 1, null, [name, "b"]]);
    expect(line).not.toMatch(acting);
    expect(line.split("\n").length).toBe(1);
    expect(line).not.toMatch(/(^|,)"?[=+\-@＝＋－＠]/u);
    expect(line.match(/"/g)?.length ?? 0).toSatisfy((count: number) => count % 2 === 0);
  });

  test("in JSON comes back as it was, and acts on no terminal", () => {
    const value = { [name]: { name, names: Array.from({ length: 40 }, () => name) } };
    const text = compactJson(value);
    expect(JSON.parse(text)).toEqual(value);
    expect(text).not.toMatch(acting);
  });

  test("in Markdown is no markup, in a terminal no command", () => {
    const text = markdownText(printable(name));
    expect(text).not.toMatch(acting);
    expect(text.replaceAll("<!-- -->", "")).not.toMatch(/<|>/);
    expect(text).not.toMatch(/https?:\/\/|www\./);
    expect(text.replace(/\\./g, "")).not.toMatch(/[|`*[\]$]/);
    const cells = markdownTable([{ head: "a", left: true }, { head: "b" }], [[printable(name), "1"]]).split("\n");
    expect(cells.length).toBe(3);
    expect(cells[2]!.replace(/\\./g, "").match(/\|/g)!.length).toBe(3);
    expect(layerLabel({ layer: `${name}/unknown_7`, readBy: name })).not.toMatch(acting);
  });
});

test("names that a converter made up are followed by who reads them, others stay alone", () => {
  const readBy = 'MatMul "dense/MatMul"';
  for (const layer of [
    "const_fold_opt__727",
    "unknown_43",
    "onnx::MatMul_123",
    "317",
    "onnx::MatMul_9 [query]",
    "val_8",
  ])
    expect(layerLabel({ layer, readBy })).toBe(`${layer} (${readBy})`);
  for (const layer of ["dense/kernel", "conv1.weight", "layers.3.weight", "linear_85.w_0", "fc7"])
    expect(layerLabel({ layer, readBy })).toBe(layer);
  expect(layerLabel({ layer: "unknown_43", readBy: null })).toBe("unknown_43");
  const fused = `Conv "${"model/conv2d/Conv2D;".repeat(12)}"`;
  expect(layerLabel({ layer: "unknown_43", readBy: fused })).toBe(`unknown_43 (${fused.slice(0, 54)}…")`);
});
