/** Two audits side by side: which layer is which, and what changed in words. */
import { judgedScore, type LayerAudit } from "../layer/layer-audit.js";
import { counted, formatNumber, printable } from "../text/format-number.js";
import type { AuditReport } from "./audit-report.js";
import { type MatchedLayer, type Matching, matchLayers } from "./match-layers.js";

/** What {@link compareModels} found. Plain JSON. */
export interface Comparison extends Matching {
  readonly version: 2;
  /** What changed, in a few lines. */
  readonly lines: readonly string[];
}

/** Scores closer than this share of each other are called the same. */
const sameShare = 0.01;

/**
 * Compares the audits of two models, such as one before and one after fine-tuning, layer by layer.
 *
 * @param before the audit of the first model
 * @param after the audit of the second one, with the same settings
 */
export function compareModels(before: Pick<AuditReport, "layers">, after: Pick<AuditReport, "layers">): Comparison {
  const matching = matchLayers(before.layers, after.layers);
  return { version: 2, lines: linesOf(matching), ...matching };
}

/** How a layer's score changed; `null` where one of the two has none. */
export function changeOf({ before, after }: Pick<MatchedLayer, "before" | "after">): number | null {
  const [from, to] = [judgedScore(before), judgedScore(after)];
  return from === null || to === null ? null : to - from;
}

function linesOf({ matched, onlyBefore, onlyAfter }: Matching): readonly string[] {
  if (matched.length === 0) return ["No layer of one matches a layer of the other, by name or by shape."];
  const scored = matched.filter((pair) => changeOf(pair) !== null);
  const moved = scored.filter((pair) => Math.abs(changeOf(pair)!) > sameShare * Math.abs(judgedScore(pair.before)!));
  const better = moved.filter((pair) => changeOf(pair)! < 0).length;
  const most = [...moved].sort((a, b) => Math.abs(ratio(b)) - Math.abs(ratio(a)))[0];
  const alone = onlyBefore.length + onlyAfter.length;
  return [
    `${counted(matched.length, "layer")} of both: ${better} less redundant after, ${moved.length - better} more, ${scored.length - moved.length} the same within 1 %.`,
    ...(most
      ? [
          `Most changed: ${printable(most.before.layer)}, from a score of ${inWords(most.before)} to ${inWords(most.after)}.`,
        ]
      : []),
    ...(alone > 0
      ? [`${counted(onlyBefore.length, "layer")} only before, ${counted(onlyAfter.length, "layer")} only after.`]
      : []),
  ];
}

const inWords = (layer: LayerAudit) => formatNumber(judgedScore(layer), 2);

/** By factors: from 2 to 4 is as much as from 200 to 400. */
function ratio({ before, after }: MatchedLayer): number {
  const [from, to] = [judgedScore(before)!, judgedScore(after)!];
  return Math.log(Math.max(1e-3, to) / Math.max(1e-3, from));
}
