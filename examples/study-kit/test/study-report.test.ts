import * as Plot from "@observablehq/plot";
import { describe, expect, it } from "vitest";
import { renderFigure, renderStudyReport, spanOf, summarize } from "../src/index.js";
import { arm, runsOf } from "./sample-study.js";

const arms = [arm("plain", "baseline"), arm("spread", "energy"), arm("rival", "neighbour")];

function report(chosen: typeof arms) {
  return renderStudyReport({
    title: "A <study>",
    setting: ["How & why"],
    summaries: summarize(chosen, runsOf({ plain: [13, 12, 14], spread: [10, 11, 11], rival: [9, 9, 10] })),
    footer: ["made here"],
  });
}

describe("renderStudyReport", () => {
  const html = report(arms);

  it("loads nothing from anywhere and runs nothing", () => {
    expect(html).not.toMatch(/<(script|link|iframe|img|object|embed)\b/);
    expect(html).not.toMatch(/\b(src|href|srcset|data|action)\s*=/);
    expect(html).not.toMatch(/@import|url\(/);
    expect(html).toContain("default-src 'none'");
  });

  it("holds a plot each for errors, differences, energy and angles, with words for those who can't see them", () => {
    const plots = html.match(/<svg[^>]*role="img"[^>]*>/g) ?? [];
    expect(plots).toHaveLength(4);
    for (const plot of plots) expect(plot).toMatch(/aria-label="[^"]{20,}"/);
    expect(html.match(/<title>/g)).toHaveLength(5);
  });

  it("draws marks, with numbers that are finite", () => {
    expect(html).toMatch(/<circle/);
    expect(html).toMatch(/<path[^>]* d="M/);
    expect(html).not.toContain("NaN");
  });

  it("escapes text", () => {
    expect(html).toContain("A &lt;study&gt;");
    expect(html).toContain("How &amp; why");
    expect(html).not.toContain("<label>");
  });

  it("follows the reader's colour scheme", () => {
    expect(html).toContain("prefers-color-scheme: dark");
  });

  it("does without a baseline: no differences are drawn", () => {
    expect(report(arms.slice(1)).match(/<svg[^>]*role="img"/g)).toHaveLength(3);
  });
});

it("a figure of one value has ticks that can be told apart", () => {
  for (const value of [0, 0.25, -3, 412.5]) {
    const points = [{ step: 10, value }];
    const { svg } = renderFigure("one", "", {
      x: { domain: spanOf([10]) },
      y: { domain: spanOf([value]), nice: true },
      marks: [Plot.dot(points, { x: "step", y: "value" })],
    });
    const ticks = [...svg.matchAll(/<text[^>]*>([^<]+)<\/text>/g)].map(([, text]) => text);
    expect(new Set(ticks).size).toBeGreaterThan(2);
    expect(ticks.join(" ")).not.toMatch(/\.\d{5}/);
  }
  expect(spanOf([1, 3, 2])).toEqual([1, 3]);
});
