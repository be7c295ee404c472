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
  /** Which head, from 0, in the file's order. */
  readonly head: number;
  /** How many of its vectors live, by the rules for all vectors of the matrix. */
  readonly living: number;
  /** Root mean square of its vectors' lengths, as a multiple of that of the whole matrix. */
  readonly norm: number;
  /** How many dimensions its living vectors fill evenly: (Σλ)²/Σλ² over the eigenvalues λ of their Gram matrix. */
  readonly effectiveRank: number;
  /** The energy of its living vectors, in the space of the settings; `null` with fewer than two. */
  readonly energy: number | null;
}

/**
 * The attention heads of a matrix. A head has vectors: neurons of a matrix of queries, keys or values, or the columns of an output projection that it
 * writes through. Plain JSON.
 */
export interface HeadUnits {
  /** What the units are. */
  readonly kind: "head";
  /** How many heads the matrix has. */
  readonly count: number;
  /** How many vectors a head has. */
  readonly size: number;
  /** Whether a head is some of the matrix's neurons, or some of the inputs that they read. */
  readonly along: HeadDivision["along"];
  /** How many heads of queries each of these heads serves. */
  readonly queries: number;
  /** What said how the matrix divides into heads. */
  readonly source: string;
  /** What was found of each head, in their order. */
  readonly heads: readonly HeadAudit[];
  /** Mean potential of pairs of vectors of one head, over all heads; `null` without pairs, and with normEpsilon above 0. */
  readonly within: number | null;
  /** Mean potential of pairs of vectors of different heads; `null` likewise, and where they are too many to look at. */
  readonly between: number | null;
  /** Numbers of the heads none of whose vectors live. */
  readonly dead: readonly number[];
  /** Numbers of the heads whose vectors fill few dimensions, by the rule "collapsed-heads". */
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
