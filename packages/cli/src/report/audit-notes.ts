/** What is said around an audit's table: the verdict above it; below it sentences, notes, and what isn't in the table. */
import { type AuditReport, judgedInterval, type LayerAudit } from "@comhe/audit";
import {
  closingLines,
  counted,
  formatNumber,
  layerLabel,
  layerSentence,
  printable,
  type RepeatedLayer,
  withoutRepeats,
} from "@comhe/audit/text";
import type { Potential } from "@comhe/core";
import { type Column, hasOthers } from "./audit-columns.js";

/** People know their files by name; JSON and CSV have the whole path. */
export const fileName = (path: string): string => path.split(/[\\/]/).at(-1)!;

/** Layers that have a line in the table: repeats are one, and those of one neuron have nothing to compare. */
export function tableRows(layers: readonly LayerAudit[]): {
  readonly rows: readonly RepeatedLayer[];
  readonly single: readonly LayerAudit[];
} {
  const isSingle = ({ count, findings }: LayerAudit) => count === 1 && findings.length === 0;
  const single = layers.filter(isSingle);
  // Where there is nothing else, they are the answer.
  if (single.length === layers.length) return { rows: withoutRepeats(layers), single: [] };
  return { rows: withoutRepeats(layers.filter((layer) => !isSingle(layer))), single };
}

/** What concerns a whole file: which weights of it were taken, say. */
export const fileNotes = ({ notes }: AuditReport, file?: string): readonly string[] =>
  notes
    .filter((note) => file === undefined || note.file === file)
    .map(({ note }) => `Note: ${printable(note).replace(/\.$/, "")}.`);

/** Three lines for a model, and what concerns its file; for more than a few models, the first of each. */
export function verdictsOf(run: AuditReport): readonly string[] {
  const { verdicts } = run;
  const [only] = verdicts;
  if (verdicts.length === 1 && only) return [...only.lines, ...fileNotes(run, only.file)];
  const most = 4;
  return verdicts.flatMap(({ file, lines }) => {
    const [first, ...others] = lines;
    return [
      `${printable(fileName(file))}: ${first}`,
      ...[...(verdicts.length > most ? [] : others), ...fileNotes(run, file)].map((line) => `  ${line}`),
    ];
  });
}

/** Sentences and notes that are printed without --all. */
const mostSaid = 10;

export function notesOf(run: AuditReport, shown: readonly Column[], all: boolean): readonly string[] {
  const { spec } = run.settings;
  const { rows, single } = tableRows(run.layers);
  const lines = [
    `Score of the ${spec.space}-space energy (${potentialText(spec.potential)}): 0 best possible, 1 uniformly random (± one standard deviation), above 1 redundant.`,
  ];
  if (run.layers.some(hasOthers)) {
    lines.push(
      "Scores are of the living neurons; dead and faint ones are counted in columns of their own; energies are of all.",
    );
  }
  const striking = rows.filter(({ layer }) => layer.findings.length > 0);
  // Of one model, where to look first is said above the table already.
  const first = run.verdicts.length === 1 ? run.verdicts[0]!.lines[1] : "";
  for (const { layer, repeats } of all ? striking : striking.slice(0, mostSaid)) {
    const others = repeats.length === 0 ? "" : ` (and ${counted(repeats.length, "layer")} with the same numbers)`;
    const line = `${layerLabel(layer)}${others}: ${printable(layerSentence(layer))}.`;
    if (!first.endsWith(` ${line}`)) lines.push(line);
  }
  if (striking.length > mostSaid && !all) {
    lines.push(`${counted(striking.length - mostSaid, "more layer")} stand out. --all has a line for each.`);
  }
  for (const { layer } of rows) {
    const { method, interval, note } = layer;
    const ofScore = judgedInterval(layer);
    if (interval || ofScore) {
      const intervals = [
        ...(ofScore ? [`of its score ${ofScore.map((end) => formatNumber(end, 3)).join(" to ")}`] : []),
        ...(interval ? [`of its energy ${interval.map((end) => formatNumber(end, 6)).join(" to ")}`] : []),
      ];
      lines.push(`${layerLabel(layer)}: ${method}; 95 % interval ${intervals.join(", ")}.`);
    }
    if (note && all) lines.push(`${layerLabel(layer)}: ${printable(note)}.`);
  }
  const noted = run.layers.find(({ note }) => note !== null);
  if (noted && !all) lines.push(`Note on ${layerLabel(noted)}: ${printable(noted.note!)}. --all shows every note.`);
  return [
    ...lines,
    ...closingLines(run),
    ...repeatsOf(rows, all),
    ...singleOf(single, all),
    ...remarksOf(run, all),
    ...legendOf(shown, all),
  ];
}

function repeatsOf(rows: readonly RepeatedLayer[], all: boolean): readonly string[] {
  const repeated = rows.filter(({ repeats }) => repeats.length > 0);
  if (repeated.length === 0) return [];
  const named = all ? repeated : repeated.slice(0, 3);
  const lines = named.map(
    ({ layer, repeats }) => `${layerLabel(layer)} ×${repeats.length + 1}: the same numbers as ${listed(repeats, all)}.`,
  );
  return repeated.length > named.length
    ? [...lines, `${counted(repeated.length - named.length, "more layer")} occur several times. --all names them.`]
    : lines;
}

function singleOf(single: readonly LayerAudit[], all: boolean): readonly string[] {
  if (single.length === 0) return [];
  const one = single.length === 1;
  const names = listed(single.map(layerLabel), all);
  return [`${counted(single.length, "layer")} of one neuron ${one ? "has" : "have"} nothing to compare: ${names}.`];
}

function listed(names: readonly string[], all: boolean): string {
  const shown = all ? names : names.slice(0, 4);
  const rest = names.length - shown.length;
  return `${shown.map(printable).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** What isn't in the table. */
export function remarksOf(run: AuditReport, all: boolean): readonly string[] {
  const lines: string[] = [];
  for (const { layer, problem, rest } of run.failed) {
    lines.push(`Not audited: ${layer === null ? "" : `${printable(layer)}: `}${printable(problem)}`);
    if (rest) lines.push(`  Without those rows: ${printable(layerSentence(rest))}.`);
  }
  if (run.skipped.length > 0) {
    const left =
      run.skipped.length === 1 ? "1 tensor without neurons was" : `${run.skipped.length} tensors without neurons were`;
    lines.push(`${left} left out${all ? ":" : " (--all lists them)."}`);
    if (all) for (const { name, reason } of run.skipped) lines.push(`  ${printable(name)}: ${printable(reason)}`);
  }
  if (run.interrupted) lines.push("Interrupted: these are the layers that were done.");
  return lines;
}

/** What the columns are; `--all` has all that are shown. */
function legendOf(shown: readonly Column[], all: boolean): readonly string[] {
  const known = shown.filter(({ says }) => says !== undefined);
  if (!all) return ["--wide shows every column, --all says what each of them is."];
  return ["Columns:", ...known.map(({ head, says }) => `  ${head}: ${says}.`)];
}

/** The potential in words. */
function potentialText(potential: Potential): string {
  switch (potential.kind) {
    case "riesz":
      return `${potential.distance} distance, s = ${potential.s}`;
    case "gaussian":
      return `gaussian, t = ${potential.t}`;
    case "frame":
      return `frame, p = ${potential.p}`;
  }
}
