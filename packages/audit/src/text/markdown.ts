/** Names and sentences as text in Markdown: nothing in them is markup, HTML, or a link. */
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

/** A table; columns of numbers are set to the right. */
export function markdownTable(
  heads: readonly { readonly head: string; readonly left?: boolean }[],
  rows: readonly (readonly string[])[],
): string {
  const line = (row: readonly string[]) => `| ${row.map(markdownText).join(" | ")} |`;
  return [
    line(heads.map(({ head }) => head)),
    `|${heads.map(({ left }) => (left ? "---" : "---:")).join("|")}|`,
    ...rows.map(line),
  ].join("\n");
}
