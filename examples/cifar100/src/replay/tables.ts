/** What came of repeating recordings elsewhere, as tables: all of it for the terminal, and what the README shows. */
import { formatList, formatP, renderTable } from "@comhe-examples/study-kit";
import { type Apart, LOOKED_AT, type ReplaySummary, TOLERANCE } from "./summary.js";

export function replaysTable(summaries: readonly ReplaySummary[]): string {
  const head = [
    "config",
    "difference of",
    ...LOOKED_AT.map((step) => `to step ${step}`),
    `beyond ${TOLERANCE} from step`,
  ];
  const rows = summaries.flatMap(({ label, between, rounding }) => {
    const pairs = [
      ["tfjs, PyTorch", between],
      ["PyTorch's float32, float64", rounding],
    ] as const;
    return pairs.flatMap(([of, { loss, energy }]) => [
      rowOf(label, `loss: ${of}`, loss),
      ...(energy ? [rowOf(label, `each layer's energy: ${of}`, energy)] : []),
    ]);
  });
  return renderTable(head, rows);
}

function rowOf(label: string, what: string, { upTo, partsAt }: Apart): string[] {
  const cells = LOOKED_AT.map((_, n) => (n < upTo.length ? formatSmall(upTo[n]!) : "–"));
  return [label, what, ...cells, partsAt === 0 ? "never" : String(partsAt)];
}

/** The README's steps. */
const SHOWN = [1, 10, 200] as const;

/** tfjs and PyTorch, in Markdown. */
export function shortReplaysTable(summaries: readonly ReplaySummary[]): string {
  const columns = (what: string) => SHOWN.map((step, n) => `${n === 0 ? `${what}, step` : "to step"} ${step}`);
  const head = ["", ...columns("loss"), ...columns("each layer's energy")];
  const rows = summaries.map(({ label, between: { loss, energy } }) => [
    label,
    ...SHOWN.map((step) => at(loss, step)),
    ...SHOWN.map((step) => (energy ? at(energy, step) : "")),
  ]);
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** When the losses part, and how far PyTorch parts from itself. */
export function replaysSentence(summaries: readonly ReplaySummary[]): string {
  const parting = summaries.map(({ between }) => between.loss.partsAt).filter((step) => step > 0);
  const rounding = summaries.map(({ rounding: { loss } }) => at(loss, SHOWN[SHOWN.length - 1]!));
  const [first, last] = [Math.min(...parting), Math.max(...parting)];
  const from =
    parting.length === 0
      ? `The losses stay within ${TOLERANCE} of each other`
      : `The losses are first apart by more than ${TOLERANCE} at ${first === last ? `step ${first}` : `a step between ${first} and ${last}`}`;
  return `${from}. PyTorch in float32 parts from PyTorch in float64 by ${formatList(rounding)} to step ${SHOWN[SHOWN.length - 1]}.`;
}

function at({ upTo }: Apart, step: (typeof LOOKED_AT)[number]): string {
  const n = LOOKED_AT.indexOf(step);
  return n < upTo.length ? formatSmall(upTo[n]!) : "–";
}

/** As p-values are written; null isn't a number. */
function formatSmall(value: number | null): string {
  return value === null ? "NaN" : formatP(value);
}
