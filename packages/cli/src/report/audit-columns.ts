/** How the terminal's and Markdown's tables show each column; what the columns are, `@comhe/audit/text` says. */
import type { LayerAudit, LowerBound } from "@comhe/audit";
import {
  type ColumnHead,
  type ColumnText,
  columnTexts,
  formatNumber,
  judgedInterval,
  judgedScore,
  judgedSpread,
  printable,
  quoted,
} from "@comhe/audit/text";

/** A column as it is printed. */
export interface Column {
  readonly head: string;
  readonly value: (layer: LayerAudit) => string;
  readonly left?: boolean;
  /** Only with --wide; programs find it in CSV and JSON. */
  readonly wide?: boolean;
  /** What it is, where the documentation has it. */
  readonly says?: string;
  /** Left out where it would be empty. */
  readonly shown?: (layers: readonly LayerAudit[]) => boolean;
}

/** Whether dead or faint neurons are left out of the score. */
export const hasOthers = ({ livingScore }: LayerAudit): boolean => livingScore !== null;

/** Marks what a sample can only bound. */
const atLeast = ({ lowerBounds }: LayerAudit, key: LowerBound, text: string) =>
  lowerBounds.includes(key) ? `≥ ${text}` : text;

type Shown = Pick<Column, "value" | "left" | "shown">;

const values: Readonly<Record<ColumnHead, Shown>> = {
  layer: { value: ({ layer }) => printable(layer), left: true },
  "read by": {
    value: ({ readBy }) => printable(readBy ?? "–"),
    left: true,
    shown: (layers) => layers.some(({ readBy }) => readBy !== null),
  },
  kind: {
    value: ({ kind, role }) => printable(role === null || role === kind ? kind : `${kind}, ${role}`),
    left: true,
  },
  "N×d": { value: ({ count, dim }) => `${count}×${dim}` },
  score: {
    value: (layer) => `${scoreOf(layer)} (1 ± ${formatNumber(judgedSpread(layer), 2)})`,
  },
  "with dead": { value: ({ score }) => formatNumber(score, 2), shown: (layers) => layers.some(hasOthers) },
  "w/o copies": {
    value: ({ distinctScore }) => formatNumber(distinctScore, 2),
    shown: (layers) => layers.some(({ distinctScore }) => distinctScore !== null),
  },
  "energy full": { value: ({ energyFull }) => formatNumber(energyFull) },
  half: { value: ({ energyHalf }) => formatNumber(energyHalf) },
  projected: { value: ({ projected }) => formatNumber(projected) },
  best: { value: ({ best, bestIs }) => `${bestIs === "bound" ? "≥ " : ""}${formatNumber(best)}` },
  random: { value: ({ random, randomSpread }) => `${formatNumber(random)} ± ${formatNumber(randomSpread)}` },
  "|cos| mean": { value: ({ meanCosine }) => formatNumber(meanCosine, 3) },
  "w/o mean": { value: ({ centredCosine }) => formatNumber(centredCosine, 3) },
  isotropy: { value: ({ isotropy }) => formatNumber(isotropy, 3) },
  "|cos| max": { value: (layer) => atLeast(layer, "maxCosine", formatNumber(layer.maxCosine, 3)) },
  "nearest pair": {
    value: ({ nearest: [pair], lowerBounds }) =>
      pair
        ? `${(pair.names?.map((name) => quoted(name)) ?? [pair.a, pair.b]).join(" ~ ")}${lowerBounds.includes("nearest") ? " (seen)" : ""}`
        : "–",
  },
  dead: { value: (layer) => atLeast(layer, "dead", String(layer.dead)) },
  faint: {
    value: (layer) => atLeast(layer, "faint", String(layer.faint)),
    shown: (layers) => layers.some(({ faint }) => faint > 0),
  },
  "dup.": { value: (layer) => atLeast(layer, "duplicates", String(layer.duplicates)) },
  rank: { value: ({ effectiveRank }) => formatNumber(effectiveRank, 1) },
  "stable rank": { value: ({ stableRank }) => formatNumber(stableRank, 1) },
  "top share": {
    value: ({ energyShares: [top] }) =>
      top ? `${top.name ? quoted(top.name) : `row ${top.row}`} ${formatNumber(100 * top.share, 1)} %` : "–",
  },
};

/** What people read. CSV and JSON hold everything. */
export const auditColumns: readonly Column[] = (columnTexts as readonly (ColumnText & { head: ColumnHead })[]).map(
  ({ head, says, wide = false }) => ({ head, says, wide, ...values[head] }),
);

/** With half of its 95 % interval, where it is of a sample. */
function scoreOf(layer: LayerAudit): string {
  const score = formatNumber(judgedScore(layer), 2);
  const interval = judgedInterval(layer);
  return interval === null ? score : `${score} ± ${formatNumber((interval[1] - interval[0]) / 2, 2)}`;
}
