/**
 * Layers on one line from the best possible over random to redundant, as HTML: a row for each, its name as text above its track. Text wraps where a
 * name is long or a screen narrow, tracks take the width that there is, and a screen reader reads names and numbers as a list.
 */
import { escapeHtml } from "./html.js";

/** Where a score lies, in percent of the width. */
export interface Scale {
  readonly position: (score: number) => number;
  readonly ticks: readonly number[];
  readonly logarithmic: boolean;
}

/** Even between best and random, then each power of ten as wide as the last: one collapsed layer doesn't hide the others. */
export function scoreScale(scores: readonly number[]): Scale {
  const most = Math.max(1.5, ...scores);
  const least = Math.min(0, ...scores);
  const logarithmic = most > 4;
  const stretch = (x: number) => (logarithmic ? Math.sign(x) * Math.log1p(Math.abs(x)) : x);
  const [from, to] = [stretch(least), stretch(most)];
  const powers = Array.from({ length: Math.ceil(Math.log10(most)) }, (_, n) => 10 ** (n + 1));
  const ticks = logarithmic ? [0, 1, 3, ...powers] : [0, 1, 2, 3, 4];
  return {
    position: (score) => (100 * (stretch(Math.min(most, Math.max(least, score))) - from)) / (to - from),
    ticks: ticks.filter((tick) => tick <= most),
    logarithmic,
  };
}

/** A row of a {@link scaleFigure}. */
export interface ScaleRow {
  readonly name: string;
  /** HTML of its track, placed by {@link left} and {@link span}. */
  readonly marks: string;
  /** Its numbers, as text. */
  readonly value: string;
  /** Where on the track its numbers stand, as a score; beside the name where there is no one place. */
  readonly valueAt?: number | undefined;
}

const percent = (value: number) => `${Number(value.toFixed(2))}%`;

/** Style of a mark at a score. */
export const left = ({ position }: Scale, score: number): string => `style="left:${percent(position(score))}"`;

/** Style of a mark between two scores. */
export function span({ position }: Scale, from: number, to: number): string {
  const [a, b] = [position(Math.min(from, to)), position(Math.max(from, to))];
  return `style="left:${percent(a)};width:${percent(b - a)}"`;
}

/** @param what the list is of, for those who can't see it */
export function scaleFigure(what: string, caption: string, scale: Scale, rows: readonly ScaleRow[]): string {
  const lines = scale.ticks.map((tick) => {
    const kind = tick <= 1 ? "landmark" : "grid";
    return `<span class="${kind}" ${left(scale, tick)}></span>`;
  });
  const ticks = scale.ticks.map((tick) => `<span ${left(scale, tick)}>${tick}</span>`);
  const items = rows.map(({ name, marks, value, valueAt }) => {
    const number = `<span class="value"${valueAt === undefined ? "" : ` ${left(scale, valueAt)}`}>${escapeHtml(value)}</span>`;
    const [beside, within] = valueAt === undefined ? [` ${number}`, ""] : ["", number];
    return `<li><span class="name">${escapeHtml(name)}${beside}</span><span class="track">${marks}${within}</span></li>`;
  });
  // One above the other: on a long scale best and random lie close together.
  return `<figure class="scale">
<div class="ticks" aria-hidden="true"><div class="places"><span ${left(scale, 0)}>best</span></div><div class="places"><span ${left(scale, 1)}>random</span></div><div class="places">${ticks.join("")}</div></div>
<div class="rows"><div class="lines" aria-hidden="true">${lines.join("")}</div>
<ol aria-label="${escapeHtml(what)}">
${items.join("\n")}
</ol></div>
<figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}
