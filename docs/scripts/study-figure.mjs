/**
 * The digits study's result as the component that the front page shows, drawn from the table in the repository's README: the paired difference of each arm
 * from the baseline with its 95 % interval. Boxes and lines of HTML, so that it is as wide as the page, on a phone too, and follows the colours of the site.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What this project computes; the others are what it is compared with. */
const isOwn = (arm) => /MHE/.test(arm);

/** @param root of the repository @param file where to write */
export function writeStudyFigure(root, file) {
  const arms = armsIn(readFileSync(join(root, "README.md"), "utf8"));
  const [low, high] = [Math.min(0, ...arms.map(({ from }) => from)), Math.max(0, ...arms.map(({ to }) => to))];
  const at = (x) => `${((100 * (x - low)) / (high - low)).toFixed(2)}%`;
  const rows = [...arms]
    .sort((a, b) => a.difference - b.difference)
    .map(({ arm, difference, from, to }) => {
      const [text, ends] = [signed(difference), `${signed(from)} to ${signed(to)}`];
      const line = `<i style="left: ${at(from)}; right: ${at(low + high - to)}"></i><b style="left: ${at(difference)}"></b>`;
      return (
        `<div class="arm"><span>${arm}</span><span class="track${isOwn(arm) ? " own" : ""}" aria-hidden="true">${line}</span>` +
        `<span class="number" title="95 % interval ${ends}">${text}</span></div>`
      );
    });
  const style = `--zero: ${at(0)}`;
  writeFileSync(file, `<template>\n<div class="study" style="${style}">\n${rows.join("\n")}\n</div>\n</template>\n`);
}

/** Rows of the table whose third column is a difference with its interval: "−2.19 (−3.34 to −1.03)". */
function armsIn(readme) {
  const number = "([−+]?[\\d.]+)";
  const row = new RegExp(`^\\| ([^|]+) \\| [\\d.]+ ± [\\d.]+ \\| ${number} \\(${number} to ${number}\\) \\|`, "gm");
  const arms = [...readme.matchAll(row)].map(([, arm, ...numbers]) => {
    const [difference, from, to] = numbers.map((text) => Number(text.replace("−", "-")));
    return { arm, difference, from, to };
  });
  if (arms.length === 0) throw new Error("README.md: the table of the digits study wasn't found.");
  return arms;
}

const signed = (x) => `${x < 0 ? "−" : "+"}${Math.abs(x).toFixed(2)}`;
