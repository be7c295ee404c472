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

/**
 * From the least to the largest value, and room around where they are one: an axis of no length has ticks like 0.000000.
 */
export function spanOf(values: readonly number[]): [low: number, high: number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high))) return [low, high];
  const room = Math.abs(low) / 10 || 1;
  return [low - room, high + room];
}

/** What the plot shows goes into `title`: it stands in for the picture where that can't be seen. */
export function renderFigure(title: string, caption: string, options: Plot.PlotOptions): Figure {
  const svg = Plot.plot({
    document: document as unknown as Document,
    style: { background: "none", fontSize: "13px", fontFamily: "inherit", overflow: "visible" },
    ...options,
  });
  // As text: the document's serializer leaves what stands in an SVG title unescaped.
  const name = escapeHtml(title);
  const markup = svg.outerHTML.replace(
    /^<svg([^>]*)>/,
    `<svg role="img" aria-label="${name}"$1><title>${name}</title>`,
  );
  return { svg: markup, caption };
}
