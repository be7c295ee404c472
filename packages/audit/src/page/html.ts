/** One HTML file that opens offline: no fonts or images from elsewhere, and the one script it has is named in its policy. */

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

const style = `
:root { color-scheme: light dark; --page: #fff; --text: #1c1f24; --quiet: #59606b; --rule: #d9dde3; --panel: #f5f7fa; --accent: #4269d0; --bad: #c2402a; --good: #2f8f6f; --zone: #eef1f5; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14171c; --text: #e6e9ee; --quiet: #a0a8b4; --rule: #333a44; --panel: #1c2128; --accent: #8aa6f2; --bad: #f08a72; --good: #6cc7a5; --zone: #20262e; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 17px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1, h2, p { overflow-wrap: anywhere; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.35rem; margin: 3rem 0 .5rem; }
p { max-width: 46rem; }
.headline { font-size: 1.1rem; padding: 1rem 1.25rem; background: var(--panel); border-left: 4px solid var(--accent); }
.headline p { margin: .35rem 0; max-width: none; }
.scroll { overflow: auto; max-height: 85vh; margin: 1rem 0; }
figure .scroll { max-height: none; }
table { border-collapse: collapse; font-size: .82rem; font-variant-numeric: tabular-nums; width: 100%; }
caption { text-align: left; color: var(--quiet); padding-bottom: .4rem; }
th, td { padding: .35rem .4rem; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th:first-child, .text { text-align: left; }
tbody th { font-weight: 600; min-width: min(17rem, 40vw); max-width: 20rem; white-space: normal; overflow-wrap: anywhere; }
thead th { color: var(--quiet); position: sticky; top: 0; background: var(--page); box-shadow: inset 0 -2px var(--rule); }
td.wide { white-space: normal; overflow-wrap: anywhere; min-width: min(26rem, 46vw); }
summary { cursor: pointer; }
thead button { all: unset; cursor: pointer; font-weight: 600; }
thead button:focus-visible { outline: 2px solid var(--accent); }
thead [aria-sort=ascending] button::after { content: " ▲"; }
thead [aria-sort=descending] button::after { content: " ▼"; }
figure { margin: 1.5rem 0; }
figure svg { display: block; max-width: 100%; height: auto; color: var(--text); }
figcaption { color: var(--quiet); font-size: .95rem; max-width: 46rem; }
footer { margin-top: 3rem; color: var(--quiet); font-size: .9rem; border-top: 1px solid var(--rule); }
`;

/** Sorts the table by a column: numbers by their data, text as text. */
export const script = `
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") !== "descending";
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = (row) => { const { sort } = row.cells[column].dataset; return sort === undefined ? row.cells[column].textContent : Number(sort); };
    const order = (a, b) => typeof a === "string" ? b.localeCompare(a) : b - a;
    const rows = [...table.tBodies[0].rows].sort((a, b) => order(value(a), value(b)) * (down ? 1 : -1));
    table.tBodies[0].append(...rows);
  }));
}
`;

/** SHA-256 of the script, by which the page's policy allows it and no other: a constant, since browsers hash asynchronously. A test holds it. */
export const scriptHash = "+Is8/UrrUQiLEq5QwK1LuYwV+IO12w8cEM5g5W5Oedk=";

export interface PageContent {
  readonly title: string;
  /** A paragraph each. */
  readonly headline: readonly string[];
  /** HTML, in order. */
  readonly sections: readonly { readonly heading: string; readonly blocks: readonly string[] }[];
  readonly footer: readonly string[];
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
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${scriptHash}'">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<div class="headline">${headline.map((line) => `<p>${escapeHtml(line)}</p>`).join("\n")}</div>
${body.join("\n")}
<footer>${footer.map((line) => `<p>${escapeHtml(line)}</p>`).join("\n")}</footer>
</main>
<script>${script}</script>
</body>
</html>
`;
}

/** Out of the way until it is asked for. */
export function folded(summary: string, content: string): string {
  return `<details><summary>${escapeHtml(summary)}</summary>\n${content}</details>`;
}

export interface Cell {
  readonly text: string;
  /** What the column is sorted by, where it isn't the text. */
  readonly sort?: number | undefined;
  /** A sentence, which may take several lines. */
  readonly wide?: boolean | undefined;
}

type TableParts = [caption: string, head: readonly string[], rows: readonly (readonly Cell[])[]];

/** A click on a heading sorts it. */
export const sortableTable = (...parts: TableParts): string => tableOf(parts, true);

/** In the order that it has. */
export const plainTable = (...parts: TableParts): string => tableOf(parts, false);

function tableOf([caption, head, rows]: TableParts, sortable: boolean): string {
  // Columns of words are set to the left, numbers to the right.
  const words = head.map((_, column) => rows[0]?.[column]?.sort === undefined);
  const aligned = (column: number) => (words[column] ? ' class="text"' : "");
  const heads = head
    .map((text, n) => {
      const label = escapeHtml(text);
      return `<th scope="col"${aligned(n)}>${sortable ? `<button type="button">${label}</button>` : label}</th>`;
    })
    .join("");
  const cell = ({ text, sort, wide }: Cell, index: number) => {
    const data = sort === undefined ? "" : ` data-sort="${Number.isFinite(sort) ? sort : -1e300}"`;
    return index === 0
      ? `<th scope="row"${data}>${escapeHtml(text).replaceAll("/", "/<wbr>")}</th>`
      : `<td${wide ? ' class="text wide"' : aligned(index)}${data}>${escapeHtml(text)}</td>`;
  };
  const body = rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("\n");
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(caption)}"><table${sortable ? ' class="sortable"' : ""}><caption>${escapeHtml(caption)}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${body}
</tbody></table></div>`;
}
