/** Observable Plot on the server: no browser, no scripts in the page. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { escapeHtml } from "./html.js";

const { document } = parseHTML("<!doctype html><html><body></body></html>");

export interface Figure {
  /** SVG markup, with a title that screen readers say. */
  readonly svg: string;
  readonly caption: string;
}

/** What the plot shows goes into `title`: it stands in for the picture where that can't be seen. */
export function renderFigure(title: string, caption: string, options: Plot.PlotOptions): Figure {
  const svg = Plot.plot({
    document: document as unknown as Document,
    style: { background: "none", fontSize: "13px", fontFamily: "inherit", overflow: "visible" },
    ...options,
  });
  // Plot puts a legend beside the SVG in a figure of its own; the report draws its own legends in HTML instead.
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", title);
  svg.insertAdjacentHTML("afterbegin", `<title>${escapeHtml(title)}</title>`);
  return { svg: svg.outerHTML, caption };
}
