/** How score, rank and dead neurons change with the depth of a network: three small charts for each stack of blocks, a line for each role. */
import { formatNumber, printable } from "../text/format-number.js";
import type { DepthPoint, DepthSeries, DepthStack } from "../units/depth.js";
import { escapeHtml } from "./html.js";
import type { FileLabel } from "./layer-names.js";

/** Told apart by colour and by dashes; roles beyond them are left to the table. */
const strokes = [
  ["#4269d0", ""],
  ["#c07a0a", "6 3"],
  ["#d6452f", "2 2"],
  ["#2f9184", "8 2 2 2"],
  ["#3a9c4d", ""],
  ["#b0508e", "6 3"],
  ["#8467cf", "2 2"],
  ["#976a4f", "8 2 2 2"],
] as const;

interface Measure {
  readonly title: string;
  readonly of: (point: DepthPoint) => number | null;
  readonly digits: number;
  /** Marked by a line, where it is among the values. */
  readonly mark?: number;
}

const measures: readonly Measure[] = [
  { title: "Score", of: ({ score }) => score, digits: 2, mark: 1 },
  { title: "Effective rank, of that of random directions", of: ({ rankShare }) => rankShare, digits: 2, mark: 1 },
  { title: "Dead neurons, percent", of: ({ deadShare }) => 100 * deadShare, digits: 1 },
];

const [width, height] = [300, 110];
const mostStacks = 4;

/** A figure for each stack; none where no layer is named by its block. @param label of files, where there are several */
export function depthFigures(depth: readonly DepthStack[], label: FileLabel | undefined): readonly string[] {
  return depth.slice(0, mostStacks).map((stack) => depthFigure(stack, label));
}

function depthFigure({ file, stack, blocks, series }: DepthStack, label: FileLabel | undefined): string {
  const shown = series.slice(0, strokes.length);
  const charts = measures.map((measure) => chart(measure, blocks, shown));
  const legend = shown.map(({ role }, n) => {
    const [color, dash] = strokes[n]!;
    const line = `<svg width="26" height="8" style="display:inline-block;width:26px;height:8px" aria-hidden="true"><line x1="0" x2="26" y1="4" y2="4" stroke="${color}" stroke-width="2" stroke-dasharray="${dash}"/></svg>`;
    return `<span style="white-space:nowrap;margin-right:1rem">${line} ${escapeHtml(printable(role))}</span>`;
  });
  const where = `${label ? `${label(file)}, ` : ""}${printable(stack)}`;
  const more = series.length > shown.length ? ` ${series.length - shown.length} more roles are in the table.` : "";
  const lost = shown.flatMap(({ role, points }) =>
    points.flatMap(({ block, lostHeads }) =>
      lostHeads > 0 ? [`block ${block}, ${printable(role)}: ${lostHeads}`] : [],
    ),
  );
  const heads = lost.length === 0 ? "" : ` Heads that are dead or collapsed: ${lost.slice(0, 12).join("; ")}.`;
  const caption = `${where}: ${blocks.length} blocks from left to right. Where a block has several layers of a role, such as experts, their median is shown.${more}${heads}`;
  return `<figure class="histograms-figure"><ol class="histograms">${charts.join("\n")}</ol>
<p>${legend.join(" ")}</p>
<figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

function chart(
  { title, of, digits, mark }: Measure,
  blocks: readonly number[],
  series: readonly DepthSeries[],
): string {
  const lines = series.map(({ points }) => byBlock(blocks, points, of));
  const values = lines.flat().filter((value) => value !== null);
  const most = Math.max(mark ?? 0, ...values, 1e-9);
  const stretched = most > 10;
  const stretch = (value: number) => (stretched ? Math.log1p(value) : value);
  const y = (value: number) => height - 4 - ((height - 8) * stretch(Math.max(0, value))) / stretch(most);
  const x = (n: number) => 4 + ((width - 8) * n) / Math.max(1, blocks.length - 1);
  const drawn = lines.flatMap((line, n) => {
    const [color, dash] = strokes[n]!;
    return paths(line).map((path) => {
      const points = path.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`);
      // A point alone is a short line.
      if (points.length === 1) points.push(`${(x(path[0]![0]) + 3).toFixed(1)},${y(path[0]![1]).toFixed(1)}`);
      return `<polyline points="${points.join(" ")}" fill="none" stroke="${color}" stroke-width="2" stroke-dasharray="${dash}" vector-effect="non-scaling-stroke"/>`;
    });
  });
  const chance =
    mark === undefined
      ? ""
      : `<line x1="0" x2="${width}" y1="${y(mark).toFixed(1)}" y2="${y(mark).toFixed(1)}" stroke="var(--quiet)" stroke-dasharray="3 3" vector-effect="non-scaling-stroke"/>`;
  const range =
    values.length === 0
      ? ""
      : `${formatNumber(Math.min(...values), digits)} to ${formatNumber(Math.max(...values), digits)}`;
  const scale = `${mark === undefined ? "" : ", dashed: chance"}${stretched ? ", logarithmic" : ""}`;
  const name = `${title} by block, ${range}: ${series
    .map(({ role }, n) => `${printable(role)} ${lines[n]!.map((value) => formatNumber(value, digits)).join(" ")}`)
    .join("; ")}`;
  return `<li><span class="name">${escapeHtml(title)} <span class="size">${escapeHtml(range + scale)}</span></span><svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${escapeHtml(name)}">${chance}${drawn.join("")}</svg><span class="degrees" aria-hidden="true"><span>block ${blocks[0]}</span><span>block ${blocks.at(-1)}</span></span></li>`;
}

/** The middle value of each block; `null` where it has none. */
function byBlock(blocks: readonly number[], points: readonly DepthPoint[], of: Measure["of"]): (number | null)[] {
  return blocks.map((block) => {
    const values = points.flatMap((point) => {
      const value = point.block === block ? of(point) : null;
      return value === null ? [] : [value];
    });
    values.sort((a, b) => a - b);
    return values[(values.length - 1) >> 1] ?? null;
  });
}

/** Stretches of neighbouring blocks that have a value. */
function paths(line: readonly (number | null)[]): (readonly [number, number])[][] {
  const found: (readonly [number, number])[][] = [];
  let open = false;
  line.forEach((value, n) => {
    if (value === null) open = false;
    else if (open) found.at(-1)!.push([n, value]);
    else {
      found.push([[n, value]]);
      open = true;
    }
  });
  return found;
}
