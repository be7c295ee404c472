/** The documentation lists every column as the table says it, and every rule with its threshold. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rules } from "../src/index.js";
import { columnTexts } from "../src/text/columns.js";
import { scorePercentiles } from "../src/verdict/yardstick.js";

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
  const wanted = columnTexts.map(({ head, says }) => `| ${head} | ${says} |`.replaceAll("|cos|", "\\|cos\\|"));
  expect(lines.slice(at + 2, at + 2 + wanted.length)).toEqual(wanted);
  expect(lines[at + 2 + wanted.length]).toBe("");
});

test("the yardstick stands there", () => {
  for (const [percent, score] of scorePercentiles) {
    expect(page).toContain(`${percent}th`);
    expect(page).toContain(score === 1 ? "1.0" : String(score));
  }
});
