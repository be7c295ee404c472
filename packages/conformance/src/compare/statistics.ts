/**
 * Statistics of pairs against plain loops in float64. A backend's cosines are rounded: where a pair lies within that rounding of an edge of
 * the histogram or of the chord, it may be on either side, and of rows that are as near as each other within it either may be the nearest.
 */
import { angleEdges, type TableRequest, type TableStatistics } from "@comhe/core";
import { type Rows, rowNorms } from "../inputs/rows.js";
import { assert, assertWithin } from "./assert.js";

interface TruePair {
  readonly i: number;
  readonly j: number;
  readonly cosine: number;
  /** 1 − cosine or 1 + cosine, whichever is small, from differences. */
  readonly gap: number;
}

const known = new WeakMap<Rows, readonly TruePair[]>();

/** Every pair of rows that have a direction, with their cosines; ε = 0. Found once for all backends that a process tests. */
function truePairs(rows: Rows): readonly TruePair[] {
  const pairs = known.get(rows) ?? findPairs(rows);
  known.set(rows, pairs);
  return pairs;
}

function findPairs(rows: Rows): TruePair[] {
  const { data, count, dim } = rows;
  const norms = rowNorms(rows, 0);
  const x = Float64Array.from(data, (value, n) => value / (norms[Math.floor(n / dim)]! || 1));
  const pairs: TruePair[] = [];
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      if (norms[i] === 0 || norms[j] === 0) continue;
      let product = 0;
      for (let k = 0; k < dim; k++) product += x[i * dim + k]! * x[j * dim + k]!;
      const sign = product < 0 ? -1 : 1;
      let gap = 0;
      for (let k = 0; k < dim; k++) gap += (x[i * dim + k]! - sign * x[j * dim + k]!) ** 2 / 2;
      pairs.push({ i, j, cosine: sign * (1 - gap), gap });
    }
  }
  return pairs;
}

/** @param rounding of a cosine */
export function compareStatistics(found: TableStatistics, rows: Rows, request: TableRequest, rounding: number): void {
  const pairs = truePairs(rows);
  const dead = [...rowNorms(rows, 0)].filter((norm) => norm === 0).length;
  const living = rows.count - dead;
  const perPair = pairs.length === 0 ? 0 : 1 / pairs.length;
  const mean = (of: (cosine: number) => number) => pairs.reduce((sum, { cosine }) => sum + of(cosine), 0) * perPair;
  assert(found.living === living, `living rows: got ${found.living}, expected ${living}`);
  assertWithin([found.meanCosine], [mean((c) => c)], rounding, "mean cosine");
  assertWithin([found.meanAbsoluteCosine], [mean(Math.abs)], rounding, "mean |cosine|");
  const rank = living === 0 ? 0 : living ** 2 / (living + 2 * pairs.length * mean((c) => c * c));
  assertWithin([found.effectiveRank], [rank], 4 * rounding * living, "effective rank");
  if (request.angleBins) compareAngles(found.angles, pairs, request.angleBins, rounding);
  if (request.nearest) compareNearest(found, rows, pairs, request.nearest === "half", rounding);
  if (request.similar) compareSimilar(found, pairs, request.similar, rounding);
  if (request.within) compareWithin(found, pairs, request.within, rounding);
}

/** Pairs up to each edge, counted from 0° on. */
function compareAngles(angles: Float64Array, pairs: readonly TruePair[], bins: number, rounding: number): void {
  assert(angles.length === bins, `angles: got ${angles.length} bins, expected ${bins}`);
  const sorted = Float64Array.from(pairs, ({ cosine }) => cosine).sort();
  /** How many cosines are above a number. */
  const above = (limit: number): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! > limit) high = middle;
      else low = middle + 1;
    }
    return sorted.length - low;
  };
  let upTo = 0;
  angleEdges(bins).forEach((edge, b) => {
    upTo += angles[b]!;
    const [surely, perhaps] = [above(edge + rounding), above(edge - rounding)];
    assert(
      upTo >= surely && upTo <= perhaps,
      `angles: ${upTo} pairs up to edge ${b + 1}, expected ${surely} to ${perhaps}`,
    );
  });
  const all = angles.reduce((sum, value) => sum + value, 0);
  assert(all === pairs.length, `angles: ${all} pairs in all, expected ${pairs.length}`);
}

function compareNearest(
  { nearestRows, nearestCosines }: TableStatistics,
  { count }: Rows,
  pairs: readonly TruePair[],
  isHalf: boolean,
  rounding: number,
): void {
  const rank = (pair: TruePair) => (isHalf ? Math.abs(pair.cosine) : pair.cosine);
  const byRow = Array.from({ length: count }, (): TruePair[] => []);
  for (const pair of pairs) {
    byRow[pair.i]!.push(pair);
    byRow[pair.j]!.push(pair);
  }
  for (let row = 0; row < count; row++) {
    const own = byRow[row]!;
    const [other, cosine] = [nearestRows[row]!, nearestCosines[row]!];
    if (own.length === 0) {
      assert(other === -1 && cosine === 0, `nearest of row ${row}: got ${other} (${cosine}), expected none`);
      continue;
    }
    const chosen = own.find(({ i, j }) => i === other || j === other);
    assert(chosen !== undefined, `nearest of row ${row}: got ${other}, which is no other row with a direction`);
    assertWithin([cosine], [chosen.cosine], rounding, `nearest of row ${row}: cosine`);
    const best = own.reduce((most, pair) => Math.max(most, rank(pair)), -1);
    assert(rank(chosen) >= best - rounding, `nearest of row ${row}: got ${other} (${chosen.cosine}), expected ${best}`);
  }
}

function compareSimilar(
  { similar }: TableStatistics,
  pairs: readonly TruePair[],
  { limit, space }: NonNullable<TableRequest["similar"]>,
  rounding: number,
): void {
  const rank = ({ cosine }: { readonly cosine: number }) => (space === "half" ? Math.abs(cosine) : cosine);
  const best = [...pairs].sort((a, b) => rank(b) - rank(a)).slice(0, limit);
  assertWithin(similar.map(rank), best.map(rank), rounding, "similar pairs");
  const left = new Map(pairs.map((pair) => [`${pair.i} ${pair.j}`, pair]));
  for (const { i, j, cosine } of similar) {
    const pair = left.get(`${i} ${j}`);
    assert(pair !== undefined, `similar pairs: got rows ${i} and ${j}, which are no pair`);
    left.delete(`${i} ${j}`);
    assertWithin([cosine], [pair.cosine], rounding, `similar pairs: cosine of rows ${i} and ${j}`);
    // Near pairs have digits where the product has none.
    const gap = 1 - Math.abs(cosine);
    if (pair.gap < 1e-3) assertWithin([gap], [pair.gap], rounding * Math.sqrt(pair.gap) + rounding ** 2 + 4e-16, "gap");
  }
}

function compareWithin(
  { pairsWithin, rowsWithin }: TableStatistics,
  pairs: readonly TruePair[],
  { chord, space }: NonNullable<TableRequest["within"]>,
  rounding: number,
): void {
  const upTo = (limit: number) =>
    pairs.filter(({ cosine, gap }) => (cosine >= 0 ? 2 * gap <= limit : space === "half" && 2 * gap <= limit));
  // A chord's own rounding is relative; that of 2 − 2c isn't.
  const slack = chord ** 2 < 5e-3 ? 1e-4 * chord ** 2 : 4 * rounding;
  const [surely, perhaps] = [upTo(chord ** 2 - slack), upTo(chord ** 2 + slack)];
  const rowsOf = (some: readonly TruePair[]) => new Set(some.map(({ j }) => j)).size;
  const between = (got: number, least: number, most: number, what: string) =>
    assert(got >= least && got <= most, `${what} within ${chord}: got ${got}, expected ${least} to ${most}`);
  between(pairsWithin, surely.length, perhaps.length, "pairs");
  between(rowsWithin, rowsOf(surely), rowsOf(perhaps), "rows");
}
