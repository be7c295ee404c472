/** What is wider than a phone: tables and pictures scroll in their own place, by keyboard too (`theme/style.css` has their widths). */
import type { MarkdownRenderer } from "vitepress";

/** Also: a heading without text is announced as one and says nothing, so it becomes a cell. */
export function wideTables(md: MarkdownRenderer): void {
  md.core.ruler.push("wide-tables", ({ tokens }) => {
    tokens.forEach((token, n) => {
      if (token.type === "table_open") token.attrSet("tabindex", "0");
      if (token.type !== "th_open" || tokens[n + 1]?.content.trim() !== "") return;
      token.tag = "td";
      const closing = tokens[n + 2];
      if (closing) closing.tag = "td";
    });
  });
}

/** Drawn narrow enough for a phone, which may make them a little smaller. */
const narrow = /\/regimes\.svg$/;

/** A paragraph that is one picture. */
export function widePictures(md: MarkdownRenderer): void {
  md.core.ruler.push("wide-pictures", ({ tokens }) => {
    tokens.forEach((token, n) => {
      const inside = tokens[n + 1]?.children;
      if (token.type !== "paragraph_open" || inside?.length !== 1 || inside[0]!.type !== "image") return;
      if (narrow.test(inside[0]!.attrGet("src") ?? "")) return;
      token.attrJoin("class", "picture");
      token.attrSet("tabindex", "0");
    });
  });
}
