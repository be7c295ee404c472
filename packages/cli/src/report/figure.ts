/** Observable Plot on the server: no browser needed to make a page. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { escapeHtml } from "./html.js";

const { document } = parseHTML("<!doctype html><html><body></body></html>");

/** @param title what the picture shows, for those who can't see it */
export function figureBlock(title: string, caption: string, options: Plot.PlotOptions): string {
  const svg = Plot.plot({
    document: document as unknown as Document,
    style: { background: "none", fontSize: "13px", fontFamily: "inherit", overflow: "visible" },
    ...options,
  });
  const name = escapeHtml(title);
  const markup = svg.outerHTML.replace(
    /^<svg([^>]*)>/,
    `<svg role="img" aria-label="${name}"$1><title>${name}</title>`,
  );
  return `<figure><div class="scroll" tabindex="0" role="group" aria-label="${name}">${markup}</div>\n<figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}
