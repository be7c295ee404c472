/** A heading without text is announced as one and says nothing: it becomes a cell. Wide tables scroll, by keyboard too. */
import type { MarkdownRenderer } from "vitepress";

export function readableTables(md: MarkdownRenderer): void {
  md.core.ruler.push("readable-tables", ({ tokens }) => {
    tokens.forEach((token, n) => {
      if (token.type === "table_open") token.attrSet("tabindex", "0");
      if (token.type !== "th_open" || tokens[n + 1]?.content.trim() !== "") return;
      token.tag = "td";
      const closing = tokens[n + 2];
      if (closing) closing.tag = "td";
    });
  });
}
