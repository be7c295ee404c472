/** Tables of a page: sorted by a click on a heading where that is of use, in boxes that scroll where a screen is too narrow for them. */
import { escapeHtml } from "./html.js";

export interface Cell {
  readonly text: string;
  /** What the column is sorted by, where it isn't the text. */
  readonly sort?: number | undefined;
  /** A sentence, which may take several lines. */
  readonly wide?: boolean | undefined;
  /** Of a row's heading: a second line. */
  readonly below?: string | undefined;
}

/** A heading; with `more`, of a column that is shown when it is asked for. */
export type Head = string | { readonly text: string; readonly more: true };

type TableParts = [caption: string, head: readonly Head[], rows: readonly (readonly Cell[])[]];

/** A click on a heading sorts it. */
export const sortableTable = (...parts: TableParts): string => tableOf(parts, true);

/** In the order that it has. */
export const plainTable = (...parts: TableParts): string => tableOf(parts, false);

const textOf = (head: Head) => (typeof head === "string" ? head : head.text);

function tableOf([caption, head, rows]: TableParts, sortable: boolean): string {
  // Columns of words are set to the left, numbers to the right.
  const words = head.map((_, column) => rows[0]?.[column]?.sort === undefined);
  const classOf = (column: number, wide = false) => {
    const classes = [
      ...(wide || words[column] ? ["text"] : []),
      ...(wide ? ["wide"] : []),
      ...(typeof head[column] === "string" ? [] : ["more"]),
    ];
    return classes.length > 0 ? ` class="${classes.join(" ")}"` : "";
  };
  const heads = head
    .map((each, n) => {
      const label = escapeHtml(textOf(each));
      return `<th scope="col"${classOf(n)}>${sortable ? `<button type="button">${label}</button>` : label}</th>`;
    })
    .join("");
  const cell = ({ text, sort, wide, below }: Cell, index: number) => {
    const data = sort === undefined ? "" : ` data-sort="${Number.isFinite(sort) ? sort : -1e300}"`;
    const second = below === undefined ? "" : ` <small>${escapeHtml(below)}</small>`;
    return index === 0
      ? `<th scope="row"${data}>${escapeHtml(text).replace(/[/.]/g, "$&<wbr>")}${second}</th>`
      : `<td${classOf(index, wide)}${data}>${escapeHtml(text)}</td>`;
  };
  const body = rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("\n");
  // Where each row has a sentence, a narrow screen shows its cells below each other.
  const told = rows.length > 0 && rows.every((row) => row.some(({ wide }) => wide));
  const kind = [...(sortable ? ["sortable"] : []), ...(told ? ["told"] : [])].join(" ");
  // Above the box that scrolls: a caption is as wide as its table, and would be cut with it.
  const label = escapeHtml(caption);
  const table = `<p class="caption" aria-hidden="true">${label}</p><div class="scroll" tabindex="0" role="region" aria-label="${label}"><table${kind === "" ? "" : ` class="${kind}"`} aria-label="${label}">
<thead><tr>${heads}</tr></thead>
<tbody>
${body}
</tbody></table></div>`;
  const more = head.filter((each) => typeof each !== "string").length;
  if (more === 0) return table;
  // By CSS alone: a page opens where scripts may not run.
  return `<div class="numbers"><label class="all-columns"><input type="checkbox"> ${more} more columns</label>\n${table}</div>`;
}
