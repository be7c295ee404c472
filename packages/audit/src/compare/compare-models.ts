/** Two audits side by side: which layer is which, and what changed in words. */
import { judgedScore, type LayerAudit } from "../layer/layer-audit.js";
import type { AuditReport } from "../model/audit-report.js";
import { counted, formatNumber, printable } from "../text/format-number.js";
import { roleOf } from "../units/place-in-network.js";
import {
  type ChangedPair,
  type ComparisonFacts,
  type ComparisonKindName,
  comparisonKinds,
  percentText,
} from "./kinds.js";
import { type MatchedLayer, type Matching, matchLayers } from "./match-layers.js";
import type { LayerChange, UnknownChange } from "./weight-changes.js";

/** What {@link compareModels} found. Plain JSON: `compare.schema.json` is its schema. */
export interface Comparison extends Matching {
  /** The version of the comparison's shape. */
  readonly version: 3;
  /** What the two look like to each other; `null` where nobody looked at their numbers, or none of the kinds fits. */
  readonly kind: ComparisonKindName | null;
  /** What changed, in a few lines. */
  readonly lines: readonly string[];
  /** How the numbers of each matched layer changed, as `weightChanges` found it; empty where nobody looked. */
  readonly changes: readonly (LayerChange | UnknownChange)[];
}

/** Scores closer than this share of each other are called the same. */
const sameShare = 0.01;

/**
 * Compares the audits of two models, such as one before and one after fine-tuning, layer by layer.
 *
 * @param before the audit of the first model
 * @param after the audit of the second one, with the same settings
 * @param changes how the numbers of matched layers differ, as `weightChanges` finds it; without, only energies and scores are compared
 */
export function compareModels(
  before: Pick<AuditReport, "layers">,
  after: Pick<AuditReport, "layers">,
  changes: readonly (LayerChange | UnknownChange)[] = [],
): Comparison {
  const matching = matchLayers(before.layers, after.layers);
  const facts = factsOf(matching, changes);
  const known = facts.pairs.length > 0 || (matching.matched.length === 0 && changes.length === 0);
  const found = known ? kindOf(facts) : undefined;
  return {
    version: 3,
    kind: found?.name ?? null,
    lines: [
      ...(found ? [found.text] : []),
      ...(facts.pairs.length > 0 && found?.name !== "identical" ? [whatChanged(facts)] : []),
      ...energyLines(matching, facts),
    ],
    ...matching,
    changes,
  };
}

/** How a layer's score changed; `null` where one of the two has none. */
export function changeOf({ before, after }: Pick<MatchedLayer, "before" | "after">): number | null {
  const [from, to] = [judgedScore(before), judgedScore(after)];
  return from === null || to === null ? null : to - from;
}

function factsOf(matching: Matching, changes: readonly (LayerChange | UnknownChange)[]): ComparisonFacts {
  const byNames = new Map(changes.map((change) => [JSON.stringify([change.before, change.after]), change]));
  const pairs: ChangedPair[] = [];
  for (const pair of matching.matched) {
    const change = byNames.get(JSON.stringify([pair.before.layer, pair.after.layer]));
    if (change && !("problem" in change)) pairs.push({ ...pair, change });
  }
  const unknown = matching.matched.length - pairs.length;
  return { ...matching, pairs, changed: pairs.filter(({ change }) => !change.unchanged), unknown };
}

function kindOf(facts: ComparisonFacts): { name: ComparisonKindName; text: string } | undefined {
  for (const { name, find } of comparisonKinds) {
    const text = find(facts);
    if (text !== undefined) return { name, text };
  }
  return undefined;
}

/** Which layers changed, and whether embeddings and heads did: what people ask first. */
function whatChanged({ pairs, changed, unknown }: ComparisonFacts): string {
  const same = pairs.length - changed.length;
  const parts = [
    changed.length === 0
      ? `No number changed in ${counted(pairs.length, "matched layer")}`
      : `${changed.length} of ${counted(pairs.length, "matched layer")} changed${same > 0 ? `, ${same} ${same === 1 ? "is" : "are"} the same to the last bit` : ""}`,
    ...(unknown > 0 ? [`${unknown} couldn't be compared`] : []),
    ...(["embedding", "head"] as const).flatMap((role) => {
      const own = pairs.filter(({ after }) => roleOf(after) === role);
      if (own.length === 0) return [];
      const moved = own.filter(({ change }) => !change.unchanged);
      const rows = moved.map(({ change, before }) => `${change.changedRows} of ${before.count} rows`);
      const noun =
        own.length === 1
          ? `the ${role}`
          : `${moved.length > 0 && moved.length < own.length ? `${moved.length} of ` : ""}${own.length} ${role}s`;
      return moved.length === 0
        ? [`${noun} ${own.length === 1 ? "is" : "are"} unchanged`]
        : [`${noun} changed (${rows.slice(0, 2).join(", ")}${rows.length > 2 ? ", …" : ""})`];
    }),
  ];
  return `${parts.join("; ")}.`;
}

function energyLines(
  { matched, onlyBefore, onlyAfter }: Matching,
  { pairs, changed }: ComparisonFacts,
): readonly string[] {
  const alone = onlyBefore.length + onlyAfter.length;
  const ends =
    alone > 0
      ? [`${counted(onlyBefore.length, "layer")} only before, ${counted(onlyAfter.length, "layer")} only after.`]
      : [];
  if (matched.length === 0) return ends;
  const renamed = matched.filter(({ by }) => by === "numbers");
  const guessed = matched.filter(({ by }) => by === "shape").length;
  const notes = [
    ...(renamed.length > 0
      ? [
          `${counted(renamed.length, "layer")} ${renamed.length === 1 ? "was" : "were"} renamed: ${renamed
            .slice(0, 2)
            .map(({ before, after }) => `${printable(before.layer)} is ${printable(after.layer)}`)
            .join(", ")}${renamed.length > 2 ? ", …" : ""}.`,
        ]
      : []),
    ...(guessed > 0
      ? [
          `${counted(guessed, "layer")} matched by shape alone, in order: ${guessed === 1 ? "it" : "they"} may be others.`,
        ]
      : []),
  ];
  const scored = matched.filter((pair) => changeOf(pair) !== null);
  const moved = scored.filter((pair) => Math.abs(changeOf(pair)!) > sameShare * Math.abs(judgedScore(pair.before)!));
  const better = moved.filter((pair) => changeOf(pair)! < 0).length;
  const most = mostChanged(changed) ?? [...moved].sort((a, b) => Math.abs(ratio(b)) - Math.abs(ratio(a)))[0];
  if (pairs.length > 0 && changed.length === 0) return [...notes, ...ends];
  return [
    `${counted(matched.length, "layer")} of both: ${better} less redundant after, ${moved.length - better} more, ${scored.length - moved.length} the same within 1 %.`,
    ...(most ? [mostText(most)] : []),
    ...notes,
    ...ends,
  ];
}

const mostChanged = (changed: readonly ChangedPair[]): ChangedPair | undefined =>
  [...changed].sort((a, b) => (b.change.size ?? 0) - (a.change.size ?? 0))[0];

function mostText(pair: MatchedLayer | ChangedPair): string {
  const { before, after } = pair;
  const name = printable(before.layer);
  const scores = `a score of ${inWords(before)} to ${inWords(after)}`;
  if (!("change" in pair)) return `Most changed: ${name}, from ${scores}.`;
  const { size, effectiveRank, directions, sampled } = pair.change;
  const held = directions === null ? "" : `, 95 % of it in ${counted(directions, "direction")}`;
  const by = size === null ? "from nothing" : `by ${percentText(size)} of its size`;
  return `Most changed: ${name}, ${by}${sampled ? " (by some of its rows)" : ""}; the difference has an effective rank of ${formatNumber(effectiveRank, 1)}${held}; its half-space energy ${formatNumber(before.energyHalf)} before, ${formatNumber(after.energyHalf)} after; from ${scores}.`;
}

const inWords = (layer: LayerAudit) => formatNumber(judgedScore(layer), 2);

/** By factors: from 2 to 4 is as much as from 200 to 400. */
function ratio({ before, after }: MatchedLayer): number {
  const [from, to] = [judgedScore(before)!, judgedScore(after)!];
  return Math.log(Math.max(1e-3, to) / Math.max(1e-3, from));
}
