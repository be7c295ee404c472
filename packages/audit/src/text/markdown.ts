/** Writes names and sentences as text in Markdown, so that nothing in them is taken for markup, HTML or a link. */
export const markdownText = (text: string): string =>
  text
    .replaceAll("\\", "\\\\")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[|`*[\]$]/g, (mark) => `\\${mark}`)
    // Within words, or between spaces, these two mark nothing.
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|~(?=\S)|(?<=\S)~/gu, (mark) => `\\${mark}`)
    // Renderers make links of bare addresses.
    .replace(/(https?|ftp)(:\/\/)|\b(www)(\.)/gi, (_, scheme, slashes, www, dot) =>
      scheme === undefined ? `${www}<!-- -->${dot}` : `${scheme}<!-- -->${slashes}`,
    )
    .replace(/[\r\n]+/g, " ");

/** Writes a table in Markdown; columns are set to the right, as numbers are, but for those with `left`. */
export function markdownTable(
  heads: readonly {
    /** The column's heading. */
    readonly head: string;
    /** Whether the column is set to the left, as words are. Default false. */
    readonly left?: boolean;
  }[],
  rows: readonly (readonly string[])[],
): string {
  const line = (row: readonly string[]) => `| ${row.map(markdownText).join(" | ")} |`;
  return [
    line(heads.map(({ head }) => head)),
    `|${heads.map(({ left }) => (left ? "---" : "---:")).join("|")}|`,
    ...rows.map(line),
  ].join("\n");
}
