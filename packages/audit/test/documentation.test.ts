/** The documentation lists every column as the table says it, and every rule with its threshold. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rules } from "../src/index.js";
import { columnTexts } from "../src/text/columns.js";
import { yardstick } from "../src/verdict/yardstick-data.js";

const page = readFileSync(new URL("../../../docs/usage/reading-an-audit.md", import.meta.url), "utf8");

test("every rule stands in the table, in their order, with its threshold", () => {
  const lines = page.split("\n").filter((line) => rules.some(({ name }) => line.startsWith(`| \`${name}\` |`)));
  expect(lines.map((line) => line.split("`")[1])).toEqual(rules.map(({ name }) => name));
  rules.forEach(({ threshold }, n) => {
    const written = threshold < 0.01 ? threshold.toExponential().replace("e-", "e-") : String(threshold);
    expect(lines[n]).toContain(written);
  });
});

test("every column stands in the table, as it is said everywhere, and no other does", () => {
  const lines = page.split("\n");
  const at = lines.indexOf("| column | what it is |");
  // A bar within a cell of a table is escaped.
  const escaped = (text: string) => text.replaceAll("|", "\\|");
  const wanted = columnTexts.map(({ head, says }) => `| ${escaped(head)} | ${escaped(says)} |`);
  expect(lines.slice(at + 2, at + 2 + wanted.length)).toEqual(wanted);
  expect(lines[at + 2 + wanted.length]).toBe("");
});

test("the yardstick stands there, as the gallery found it", () => {
  const { files, layers, fewestNeurons, groups } = yardstick;
  expect(page).toContain(`${layers} distinct layers of ${files} files, of ${fewestNeurons} neurons and more`);
  const rows = groups.map(({ from, layers: count, scores }, n) => {
    const next = groups[n + 1];
    const dims = next ? `${from} to ${next.from - 1}` : `${from} and more`;
    return `| ${dims} | ${count} | ${scores.map(([, score]) => score).join(" | ")} |`;
  });
  const lines = page.split("\n");
  const at = lines.indexOf(rows[0]!);
  expect(at).toBeGreaterThan(0);
  expect(lines.slice(at, at + rows.length)).toEqual(rows);
});
