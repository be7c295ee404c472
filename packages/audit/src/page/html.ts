/** One HTML file that opens offline: no fonts or images from elsewhere, and the one script it has is named in its policy. */

import { style } from "./style.js";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

/** Sorts the table whose heading is clicked by that column: numbers by their data, text as text. Whatever tables there are, now or later. */
export const script = `
document.addEventListener("click", ({ target }) => {
  const head = target.closest("table.sortable thead th");
  if (head === null) return;
  const table = head.closest("table");
  const heads = [...head.parentElement.cells];
  const column = heads.indexOf(head);
  const down = head.getAttribute("aria-sort") !== "descending";
  heads.forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const value = (row) => { const { sort } = row.cells[column].dataset; return sort === undefined ? row.cells[column].textContent : Number(sort); };
  const order = (a, b) => typeof a === "string" ? b.localeCompare(a) : b - a;
  const rows = [...table.tBodies[0].rows].sort((a, b) => order(value(a), value(b)) * (down ? 1 : -1));
  table.tBodies[0].append(...rows);
});
`;

/** SHA-256 of the script, by which the page's policy allows it and no other: a constant, since browsers hash asynchronously. A test holds it. */
export const scriptHash = "2/jiaA7YJMLgqr5727Ri1sHi/TFLtGbuEZBctW+aJlY=";

export interface PageContent {
  readonly title: string;
  /** A paragraph each. */
  readonly headline: readonly string[];
  /** HTML, in order. */
  readonly sections: readonly { readonly heading: string; readonly blocks: readonly string[] }[];
  readonly footer: readonly string[];
}

export function renderPage(content: PageContent): string {
  const title = escapeHtml(content.title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${scriptHash}'">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${renderContent(content)}
</main>
<script>${script}</script>
</body>
</html>
`;
}

/** What stands below a page's title. */
export function renderContent({ headline, sections, footer }: PageContent): string {
  const body = sections.map(
    ({ heading, blocks }) => `<section>\n<h2>${escapeHtml(heading)}</h2>\n${blocks.join("\n")}\n</section>`,
  );
  return `<div class="headline">${headline.map((line) => `<p>${escapeHtml(line)}</p>`).join("\n")}</div>
${body.join("\n")}
<footer>${footer.map((line) => `<p>${escapeHtml(line)}</p>`).join("\n")}</footer>`;
}

/** Out of the way until it is asked for. */
export function folded(summary: string, content: string): string {
  return `<details><summary>${escapeHtml(summary)}</summary>\n${content}</details>`;
}
