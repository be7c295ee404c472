/** The audit of one layer: its rows, its pairs, what they come to, and what a reader should know. */
import {
  type Backend,
  bestEnergy,
  EnergyError,
  energyBound,
  type FloatArray,
  neuronAxes,
  type PotentialSpec,
  type Space,
  uniformEnergy,
  uniformSpread,
} from "@comhe/core";
import { type LayerSource, readNeurons } from "@comhe/models";
import { headUnits } from "../units/head-units.js";
import { layerFindings } from "../verdict/layer-findings.js";
import { onYardstick, percentBelow } from "../verdict/yardstick.js";
import { type Copies, findCopies } from "./copy-search.js";
import { digestOf } from "./digest.js";
import { heatMap } from "./heat-map.js";
import { distinctScore, type Estimate, type LayerAudit, type LowerBound } from "./layer-audit.js";
import { layerPairs } from "./layer-pairs.js";
import { nameRows, namesOf, shorten } from "./name-rows.js";
import { groupsOf } from "./near-copies.js";
import { findNearPairs } from "./near-search.js";
import type { SimilarRows } from "./pair-collector.js";
import type { LayerPairs } from "./pair-results.js";
import { projectedEnergy } from "./projected-energy.js";
import { type LayerRows, readRows } from "./read-rows.js";
import { constantRows, placeRows, type RowHealth, rowHealth } from "./row-health.js";
import { chosenRows, type RowScan, scanOf } from "./row-scan.js";
import type { AuditSettings } from "./settings.js";
import { stableRank } from "./top-singular-value.js";
import { deadShare, type RowKinds, sortRows, unitRows } from "./unit-rows.js";

/** Sizes of cosines of copies: rounding takes their mean above 1. */
const atMostOne = (mean: number) => Math.min(1, mean);

/** Of the most similar pairs, those that a report names. */
const nearestShown = 5;

/** What a report is too short for: every pair that was kept, every group. */
export interface LayerDetails {
  /** The model's path. */
  readonly file: string;
  /** The layer's name. */
  readonly layer: string;
  /** The most similar pairs of living neurons by |cosine|, at most 1024, most similar first. */
  readonly pairs: readonly SimilarRows[];
  /** Every group of neurons that repeat each other, largest first. */
  readonly groups: readonly (readonly number[])[];
  /** Names of all the layer's neurons, where the model has any; empty where one has none. */
  readonly names: readonly string[] | undefined;
  /** Whether all pairs of all rows were looked at. */
  readonly complete: boolean;
}

/** Options of {@link auditLayer}. */
export interface LayerOptions {
  /** Whether the other rows of a layer are audited where some rows aren't finite. Default false: such a layer is refused. */
  readonly dropBroken?: boolean | undefined;
  /** Called with what the report is too short for. */
  readonly onDetails?: ((details: LayerDetails) => void) | undefined;
  /**
   * How many numbers of a layer may be held at once; an audit holds some five copies. Of a larger layer, rows are drawn at random, as many as hold
   * half of that, and all others are looked at once. Default 80 million.
   */
  readonly mostNumbers?: number | undefined;
}

/**
 * Audits one layer.
 *
 * @param backend what computes
 * @param file what the model is called in the report: its path
 * @param layer one of the layers of a model that `openModel` of `@comhe/models` opened
 * @param given which energies are taken, and what they may cost: {@link auditSettings} makes them
 * @param tick awaited now and then with the share that is done, from 0 to 1; what it throws ends the audit
 * @throws EnergyError `invalid-file` for weights that can't be read; `non-finite` for weights that aren't finite; `invalid-config` for an energy that
 *   doesn't fit the layer's shape
 */
export async function auditLayer<A>(
  backend: Backend<A>,
  file: string,
  layer: LayerSource,
  given: AuditSettings,
  tick: (share: number) => Promise<void>,
  { dropBroken = false, onDetails, mostNumbers }: LayerOptions = {},
): Promise<LayerAudit> {
  // What is left out, in JavaScript, is no limit.
  const { budget = null, pairs: most = null, projected: projection = null } = given;
  const settings: AuditSettings = { ...given, budget, pairs: most, projected: projection };
  const begin = performance.now();
  const read = await readRows(layer, {
    seed: settings.seed,
    dropBroken,
    milliseconds: settings.pairs === null ? settings.budget : null,
    mostNumbers,
    tick: () => tick(0.05),
  });
  const readMilliseconds = performance.now() - begin;
  await tick(0.1);
  const { rows, count, dim, allRows } = read;
  const { spec } = settings;
  const all = read.scan && sortRows(read.scan.norms);
  const directions = unitRows(rows, count, dim, all);
  const { unit, live, living } = directions;
  const beginOfPairs = performance.now();
  const end = beginOfPairs + (settings.budget ?? 0);
  const pairs = await layerPairs(backend, rows, dim, directions, settings, {
    name: layer.name,
    end,
    tick: (share) => tick(0.1 + 0.7 * share),
  });
  const broken = new Set([...read.nan, ...read.infinite]);
  const units =
    layer.heads === undefined || count < allRows
      ? null
      : await headUnits(backend, rows, dim, layer.heads, spec, {
          ...{ broken, unlimited: settings.budget === null && settings.pairs === null },
          tick: () => tick(0.81),
        });
  const strength = await stableRank(backend, rows, dim, () => tick(0.82));
  const passed = pairs.exact ? performance.now() - beginOfPairs : 0;
  const projected = await projectedEnergy(backend, layer.name, settings, read, { end, passed });
  await tick(0.95);
  const alone = pairs.living === null ? { score: null, scoreSpread: null } : standing(spec, pairs.living, living, dim);
  const ends = pairs.livingInterval?.map((energy) => standing(spec, energy, living, dim).score);
  const distinct = pairs.distinct && standing(spec, pairs.distinct.energy, pairs.distinct.count, dim).score;
  const copies = await copiesOf(layer, read, all ?? directions, pairs, spec.space);
  const similar = mergePairs(copies.pairs, placePairs(pairs.similar, read.place));
  const { groups, health } = await nameRows(layer, allRows, groupsOf(copies.groups), healthOf(read, all ?? directions));
  const names = await namesOf(layer, allRows);
  const nameOf = (row: number) => (names ? shorten(names[row]!) : null);
  onDetails?.({
    file,
    layer: layer.name,
    pairs: similar,
    groups: copies.groups,
    names,
    complete: pairs.exact && count === allRows,
  });
  const audit: Omit<LayerAudit, "findings"> = {
    file,
    layer: layer.name,
    kind: layer.kind,
    role: layer.role ?? null,
    readBy: layer.readBy ?? null,
    dataType: layer.dataType,
    shape: layer.shape,
    neuronAxes: neuronAxes(layer.shape, layer.layout).axes,
    count: allRows,
    dim,
    energyFull: pairs.full,
    energyHalf: pairs.half,
    interval: pairs.interval,
    method:
      pairs.exact && projected?.exact === false ? `${pairs.method}; projected: ${projected.method}` : pairs.method,
    projected: projected?.energy ?? null,
    ...standing(spec, spec.space === "full" ? pairs.full : pairs.half, count, dim, living),
    meanCosine: atMostOne(pairs.meanCosine),
    centredCosine: pairs.centred.meanCosine === null ? null : atMostOne(pairs.centred.meanCosine),
    isotropy: pairs.centred.isotropy,
    stableRank: strength,
    energyShares: pairs.shares.map(({ row, share }) => ({
      row: read.place(row),
      name: nameOf(read.place(row)),
      share,
    })),
    maxCosine: Math.max(pairs.maxCosine, Math.abs(similar[0]?.cosine ?? 0)),
    nearest: similar
      .slice(0, nearestShown)
      .map(({ a, b, cosine }) => ({ a, b, cosine, names: names ? [nameOf(a)!, nameOf(b)!] : null })),
    duplicates: copies.repeats,
    effectiveRank: pairs.effectiveRank,
    angles: pairs.angles,
    lowerBounds: lowerBounds(pairs.exact, count === allRows, read.scan !== undefined),
    estimates: [
      ...(count === allRows ? pairs.estimates : estimatesOfRows),
      ...(projected && !(projected.exact && count === allRows) ? (["projected"] as const) : []),
    ],
    dead: health.dead.count,
    faint: health.faint.count,
    livingScore: alone.score,
    livingSpread: alone.scoreSpread,
    livingInterval: ends?.[0] == null || ends[1] == null ? null : [ends[0], ends[1]],
    distinctScore: distinct,
    percentile: null,
    groupCount: copies.groups.length,
    groups,
    units,
    health,
    heatMap: heatMap(unit, live, dim),
    digest: (count === allRows && !dropBroken ? await digestOf(rows, dim) : undefined) ?? null,
    sameAs: null,
    note: noteOf(layer, read, all ?? directions, copies.cutShort),
    readMilliseconds,
    milliseconds: performance.now() - begin,
  };
  const own = distinctScore(audit);
  const measured = { ...audit, percentile: own !== null && onYardstick(spec) ? percentBelow(own, allRows, dim) : null };
  return { ...measured, findings: layerFindings(measured) };
}

/** All that a sample of the rows estimates. */
const estimatesOfRows: readonly Estimate[] = [
  ...(["meanCosine", "effectiveRank", "angles", "centredCosine", "isotropy", "stableRank"] as const),
];

/** Of all rows that a pass has seen, or of those that were read; in rows of the file. */
function healthOf({ rows, dim, nan, infinite, place, scan }: LayerRows, kinds: RowKinds): RowHealth {
  if (scan === undefined) return placeRows(rowHealth(kinds, constantRows(rows, dim), { nan, infinite }), place);
  const constant = new Set(scan.constant);
  return rowHealth(kinds, (row) => constant.has(row), scan);
}

/** Rows that repeat each other, in rows of the file: by all pairs, or by a search among all rows that a pass has seen. */
async function copiesOf(
  layer: LayerSource,
  { rows, count, dim, allRows, place, scan }: LayerRows,
  { live }: RowKinds,
  { copies }: LayerPairs,
  space: Space,
): Promise<Copies> {
  if (copies !== null && (count === allRows || scan === undefined)) {
    const groups = copies.groups.map((group) => group.map(place));
    return { repeats: copies.repeats, groups, pairs: [], cutShort: false };
  }
  const search = async (own: RowScan, rowsAt: (chosen: Int32Array) => FloatArray | Promise<FloatArray>) => {
    const found = await findCopies(own, live, space, rowsAt);
    return { ...found, pairs: mergePairs(found.pairs, await findNearPairs(own, live, space, rowsAt)) };
  };
  if (scan !== undefined) return search(scan, (chosen) => readNeurons(layer, chosen));
  const found = await search(scanOf(rows, count, dim), (chosen) => chosenRows(rows, dim, chosen));
  return {
    ...found,
    groups: found.groups.map((group) => group.map(place)),
    pairs: placePairs(found.pairs, place),
  };
}

const placePairs = (pairs: readonly SimilarRows[], place: (row: number) => number): SimilarRows[] =>
  pairs.map(({ a, b, cosine }) => ({ a: place(a), b: place(b), cosine }));

/** Both lists, the most similar first; copies that a sample saw too are in it once. */
function mergePairs(copies: readonly SimilarRows[], seen: readonly SimilarRows[]): readonly SimilarRows[] {
  if (copies.length === 0) return seen;
  const listed = new Set(copies.map(({ a, b }) => `${a} ${b}`));
  const others = seen.filter(({ a, b }) => !listed.has(`${a} ${b}`));
  return [...copies, ...others].sort((p, q) => Math.abs(q.cosine) - Math.abs(p.cosine) || p.a - q.a || p.b - q.b);
}

/** What a sample of the pairs, or of the rows, can only bound. Dead and faint neurons are seen by their rows alone. */
function lowerBounds(allPairs: boolean, allRows: boolean, scanned: boolean): readonly LowerBound[] {
  if (!allRows && !scanned) return ["maxCosine", "nearest", "duplicates", "dead", "faint"];
  return allPairs && allRows ? [] : ["maxCosine", "nearest", "duplicates"];
}

/** Where an energy stands between the best possible and random; no score where no two neurons live. */
export function standing(
  { potential, space, separationFloor }: PotentialSpec,
  energy: number,
  count: number,
  dim: number,
  living = count,
): Pick<LayerAudit, "best" | "bestIs" | "random" | "randomSpread" | "score" | "scoreSpread"> {
  const best = energyBound(potential, space, count, dim) ?? null;
  const attained = bestEnergy(potential, space, count, dim) !== undefined;
  const { mean, deviation } = uniformSpread(potential, space, count, dim, separationFloor);
  // The bare potential's mean where it is finite, as its closed forms have it; else with the separation floor.
  const bare = uniformEnergy(potential, space, count, dim);
  const random = Number.isFinite(bare) ? bare : mean;
  const room = best === null ? 0 : random - best;
  const known = best !== null && count > 1 && living > 1 && room > 1e-12 * Math.abs(random);
  return {
    best,
    bestIs: best === null ? null : attained ? "attained" : "bound",
    random,
    randomSpread: deviation,
    score: known ? (energy - best) / room : null,
    scoreSpread: known ? deviation / room : null,
  };
}

function noteOf(
  { note }: LayerSource,
  { count, allRows, nan, infinite, scan }: LayerRows,
  { fading }: RowKinds,
  cutShort: boolean,
): string | null {
  const notes = note === undefined ? [] : [note];
  if (count < allRows) {
    notes.push(
      scan === undefined
        ? `of ${count} rows drawn at random: all ${allRows} don't fit into memory, and looking at each once would take too long or too much`
        : `energies, cosines and rank are of ${count} rows drawn at random, since all ${allRows} don't fit into memory; dead and faint ` +
            "rows, copies and the most similar pairs were looked for among all",
    );
  }
  if (cutShort) notes.push("the search for copies was cut short: they are too many to compare");
  const broken = scan ? scan.nan.length + scan.infinite.length : nan.length + infinite.length;
  if (broken > 0)
    notes.push(`without ${broken} of its rows, which hold NaN or infinities and count as zeros in the energies`);
  if (fading > 0) {
    notes.push(
      `${fading} dead neurons aren't all zeros, but have at most ${deadShare.toExponential()} of the layer's typical norm; energies ` +
        "count their directions",
    );
  }
  return notes.length === 0 ? null : notes.join("; ");
}

/** Whether an error says that a layer's numbers aren't finite. */
export const isNonFinite = (error: unknown): boolean => EnergyError.isInstance(error) && error.code === "non-finite";
