/**
 * One HTML file that opens offline, for years: no scripts, no fonts, no images from elsewhere. Its content policy makes
 * the browser enforce that.
 */
import { escapeHtml } from "./html.js";
import type { Figure } from "./plot-to-svg.js";
import { STYLE } from "./style.js";

export interface PageContent {
  readonly title: string;
  /** The conclusion, computed from the numbers. */
  readonly headline: string;
  readonly sections: readonly Section[];
  /** How and where it was made. */
  readonly footer: readonly string[];
}

export interface Section {
  readonly heading: string;
  /** HTML, in order; see `html.ts` for what makes it. */
  readonly blocks: readonly string[];
}

export interface LegendEntry {
  readonly label: string;
  readonly color: string;
}

export function renderFigureBlock({ svg, caption }: Figure, legend: readonly LegendEntry[] = []): string {
  return `<figure>${legend.length > 0 ? renderLegend(legend) : ""}<div class="scroll">${svg}</div>
<figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

function renderLegend(entries: readonly LegendEntry[]): string {
  const items = entries.map(
    ({ label, color }) =>
      `<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" rx="2" fill="${color}"/></svg>${escapeHtml(label)}</li>`,
  );
  return `<ul class="legend">${items.join("")}</ul>`;
}

export function renderPage({ title, headline, sections, footer }: PageContent): string {
  const body = sections.map(
    ({ heading, blocks }) => `<section>\n<h2>${escapeHtml(heading)}</h2>\n${blocks.join("\n")}\n</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p class="headline">${escapeHtml(headline)}</p>
${body.join("\n")}
<footer>${footer.map((line) => `<p>${escapeHtml(line)}</p>`).join("\n")}</footer>
</main>
</body>
</html>
`;
}
