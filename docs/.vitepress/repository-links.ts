/**
 * Pages link to files of the repository (`../../packages/core/src/…`), as readers of the repository need. On the site, a
 * package's or example's folder or README becomes its page; other files have no page, and their links become plain text.
 */
import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { MarkdownRenderer } from "vitepress";

const docs = resolve(import.meta.dirname, "..");
const root = resolve(docs, "..");
const workspacePage = /^\.\.\/((?:packages|examples)\/[a-z0-9-]+)(\/README\.md)?\/?$/;

/** Where `href` on the page at `page` leads on the site; `undefined`: nowhere. */
export function onSite(href: string, page: string): string | undefined {
  if (/^(?:[a-z]+:|#|\/)/i.test(href)) return href;
  const [path = "", anchor] = href.split("#");
  const target = relative(docs, resolve(docs, dirname(page), path));
  const [, workspace] = workspacePage.exec(target) ?? [];
  if (workspace !== undefined) {
    if (!existsSync(join(root, workspace, "README.md"))) return undefined;
    return `/${workspace}${anchor ? `#${anchor}` : ""}`;
  }
  if (target.startsWith("..")) return undefined;
  // From a package's page the way into this folder leads through the repository's root.
  const leaves = path.startsWith("../../docs/");
  if (leaves) return `/${target}${anchor ? `#${anchor}` : ""}`;
  return existsSync(join(docs, target, "README.md")) ? `${path.replace(/\/?$/, "/")}README.md` : href;
}

export function repositoryLinks(md: MarkdownRenderer): void {
  md.core.ruler.push("repository-links", ({ tokens, env }) => {
    for (const { children } of tokens) {
      const opened: boolean[] = [];
      for (const token of children ?? []) {
        if (token.type === "link_open") {
          const target = onSite(token.attrGet("href") ?? "", env.relativePath ?? "");
          opened.push(target !== undefined);
          if (target !== undefined) token.attrSet("href", target);
          else Object.assign(token, { type: "html_inline", tag: "", attrs: null, content: "<span>" });
        } else if (token.type === "link_close" && opened.pop() === false) {
          Object.assign(token, { type: "html_inline", tag: "", content: "</span>" });
        }
      }
    }
  });
}
