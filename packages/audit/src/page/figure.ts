/** Observable Plot on the server: no browser needed to make a page. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { escapeHtml } from "./html.js";

const { document } = parseHTML("<!doctype html><html><body></body></html>");

/** Texts are of 11 to 13 pixels; on a narrow screen a picture shrinks until the smallest are of 10, and scrolls from there. */
const narrowest = 10 / 11;

/** @param title what the picture shows, for those who can't see it */
export function figureBlock(
  title: string,
  caption: string,
  { width, ...options }: Plot.PlotOptions & { readonly width: number },
): string {
  const minWidth = `${Math.ceil(narrowest * width)}px`;
  const svg = Plot.plot({
    document: document as unknown as Document,
    style: { background: "none", fontSize: "13px", fontFamily: "inherit", overflow: "visible", minWidth },
    width,
    ...options,
  });
  const name = escapeHtml(title);
  const markup = svg.outerHTML.replace(
    /^<svg([^>]*)>/,
    `<svg role="img" aria-label="${name}"$1><title>${name}</title>`,
  );
  return `<figure><div class="scroll" tabindex="0" role="group" aria-label="${name}">${markup}</div>\n<figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}
