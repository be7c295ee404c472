/**
 * Attention heads as units of their own: which of them are dead or collapsed, and how alike neurons of one head are, beside those of different ones. A head of
 * queries, keys or values is some rows of its matrix, one of the output projection some columns: what it writes into each output.
 */
import { type Backend, type FloatArray, type PotentialSpec, pairStatistics } from "@comhe/core";
import type { HeadDivision } from "@comhe/models";
import { unitRows } from "../layer/unit-rows.js";
import { meanPotential, pairsOf, selfPotential, sumOfPairs } from "./pair-sums.js";

/** What an audit says of one head. Plain JSON. */
export interface HeadAudit {
  /** From 0, in the file's order. */
  readonly head: number;
  /** Vectors of it that live, by the rules for all vectors of the matrix. */
  readonly living: number;
  /** Root mean square of their lengths, over that of the whole matrix. */
  readonly norm: number;
  /** (Σλ)²/Σλ² of its living vectors. */
  readonly effectiveRank: number;
  /** Their energy, in the space of the settings; `null` with fewer than two. */
  readonly energy: number | null;
}

/** The heads of a matrix. Plain JSON. */
export interface HeadUnits {
  readonly kind: "head";
  readonly count: number;
  /** Numbers of a head. */
  readonly size: number;
  /** Whether heads are neurons of the matrix, or the inputs that they read. */
  readonly along: HeadDivision["along"];
  /** Heads of queries that each of these serves. */
  readonly queries: number;
  /** What said how the matrix divides. */
  readonly source: string;
  readonly heads: readonly HeadAudit[];
  /** Mean potential of pairs of vectors of one head, over all heads; `null` without pairs, and with normEpsilon above 0. */
  readonly within: number | null;
  /** Mean potential of pairs of vectors of different heads; `null` likewise, and where they are too many to look at. */
  readonly between: number | null;
  /** Heads none of whose vectors live. */
  readonly dead: readonly number[];
  /** Heads whose vectors fill few dimensions, by the rule "collapsed-heads". */
  readonly collapsed: readonly number[];
}

/** Of the effective rank that as many random directions have, the share below which a head is collapsed; with fewer vectors none can be told. */
export const [collapsedShare, fewestOfHead] = [0.25, 8];

/** Products of pairs between heads that are spent on them. */
const mostProducts = 2e10;

/** N·d/(N + d − 1): the effective rank of so many random directions. */
export const chanceRank = (count: number, dim: number): number => (count * dim) / (count + dim - 1);

/**
 * @param rows `[N, d]` of the matrix as stored
 * @param broken rows that aren't finite, which stand as zeros
 */
export async function headUnits<A>(
  backend: Backend<A>,
  rows: FloatArray,
  dim: number,
  heads: HeadDivision,
  spec: PotentialSpec,
  { broken, unlimited, tick }: { broken: ReadonlySet<number>; unlimited: boolean; tick: () => Promise<void> },
): Promise<HeadUnits | null> {
  const { count, size, along, queries, source } = heads;
  const [vectors, width] = along === "neurons" ? [rows, dim] : [transposed(rows, dim), rows.length / dim];
  if (vectors.length !== count * size * width) return null;
  const { live, norms } = unitRows(vectors, count * size, width);
  const mean = rootMeanSquare(norms);
  const space = spec.space;
  const energies = [{ potential: spec.potential, space, separationFloor: spec.separationFloor }] as const;
  const request = { energies, normEpsilon: spec.normEpsilon };
  const own = await selfPotential(backend, spec);
  const statistics = async (data: FloatArray, n: number) =>
    pairStatistics(backend, { data, shape: [n, width] }, request);
  const found: HeadAudit[] = [];
  const within = { sum: 0, pairs: 0 };
  for (let head = 0; head < count; head++) {
    const [from, to] = [head * size, (head + 1) * size];
    const alive = keep(vectors, width, from, to, (row) => live[row] === 1);
    const living = alive.length / width;
    const norm = mean === 0 ? 0 : rootMeanSquare(norms.subarray(from, to)) / mean;
    if (living < 2) {
      found.push({ head, living, norm, effectiveRank: living, energy: null });
      continue;
    }
    const {
      energies: [energy = 0],
      effectiveRank,
    } = await statistics(alive, living);
    found.push({ head, living, norm, effectiveRank, energy });
    within.sum += sumOfPairs(energy, living, space, own);
    within.pairs += pairsOf(living);
    await tick();
  }
  const all = found.reduce((sum, { living }) => sum + living, 0);
  const pairs = pairsOf(all);
  let between: number | null = null;
  const exact = spec.normEpsilon === 0;
  if (exact && pairs > within.pairs && (unlimited || pairs * width <= mostProducts)) {
    const {
      energies: [energy = 0],
    } = await statistics(
      keep(vectors, width, 0, count * size, (row) => live[row] === 1),
      all,
    );
    between = meanPotential(sumOfPairs(energy, all, space, own) - within.sum, pairs - within.pairs, space);
  }
  // Columns of a matrix with broken rows have zeros where those are.
  const isBroken = (head: number) =>
    along === "neurons" && Array.from({ length: size }, (_, n) => head * size + n).some((row) => broken.has(row));
  const sound = found.filter(({ head }) => !isBroken(head));
  const chance = (living: number) => chanceRank(living, width);
  return {
    ...{ kind: "head", count, size, along, queries, source, heads: found },
    within: exact && within.pairs > 0 ? meanPotential(within.sum, within.pairs, space) : null,
    between,
    dead: sound.filter(({ living }) => living === 0).map(({ head }) => head),
    collapsed: sound
      .filter(({ living, effectiveRank }) => living >= fewestOfHead && effectiveRank < collapsedShare * chance(living))
      .map(({ head }) => head),
  };
}

function rootMeanSquare(norms: Float64Array): number {
  const most = norms.reduce((largest, norm) => Math.max(largest, norm), 0);
  if (most === 0) return 0;
  return most * Math.sqrt(norms.reduce((sum, norm) => sum + (norm / most) ** 2, 0) / norms.length);
}

function keep(rows: FloatArray, dim: number, from: number, to: number, wanted: (row: number) => boolean): FloatArray {
  const chosen: number[] = [];
  for (let row = from; row < to; row++) if (wanted(row)) chosen.push(row);
  const kept = rows.slice(0, chosen.length * dim);
  for (const [n, row] of chosen.entries()) kept.set(rows.subarray(row * dim, (row + 1) * dim), n * dim);
  return kept;
}

function transposed(rows: FloatArray, dim: number): FloatArray {
  const count = rows.length / dim;
  const turned = rows.slice();
  for (let i = 0; i < count; i++) for (let k = 0; k < dim; k++) turned[k * count + i] = rows[i * dim + k]!;
  return turned;
}
