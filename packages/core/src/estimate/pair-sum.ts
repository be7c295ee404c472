/**
 * An unbiased estimate of the mean of ψ over all pairs, with a variance that isn't blind to rare near pairs.
 *
 * Two samples of pairs are joined. *Blocks* ({@link file://./near-pairs.ts}) hold a pair with the known probability π(θ), near 1
 * where ψ is large. *Uniform draws* hold each of the M pairs r = n/M times on average. With D = π + r(1 − π), a pair found in a
 * block weighs 1/D and one that is drawn (1 − π)/D: on average every pair then counts once, π/D + r(1 − π)/D = 1, and of all
 * such weights these have the least variance pair by pair. A coincident pair is found (π = 1), and then its draws weigh nothing;
 * no rare draw can matter much, which is what heavy tails do to plain sampling.
 */
import type { PairSpec } from "../backend/backend.js";
import { randomStream } from "../random/random-stream.js";
import { fitControl } from "./control.js";
import { type DirectionTable, type PairValue, pairEvaluator } from "./direction-table.js";
import { blockProbability, blockTables, forEachNearPair, mostPlanes } from "./near-pairs.js";

/**
 * Independent tables of blocks. All rows of a narrow cone lie on one side of most planes, so that a few tables give errors which
 * are neither normal nor seen by the variance between them: at 4 tables the 95 % interval covered 87 % of such estimates, at 12 some 92 %.
 */
const mostTables = 24;
const leastTables = 12;
/** Inner products with planes that the search may take for each pair in the budget: they read memory in order. */
const productsPerPair = 2;
/** Of the pairs that may be evaluated, those planned to lie in blocks. */
const blockShare = 0.4;

/** Gets every pair that is evaluated. `weight`: how many of all pairs it stands for. */
export type ObservePair = (i: number, j: number, cosine: number, weight: number) => void;

export interface PairSumOptions {
  /** How many pairs may be evaluated. At least 100. */
  readonly pairs: number;
  readonly seed: number;
  readonly name: string;
  readonly observe?: ObservePair | undefined;
}

export interface PairSum {
  /** Mean of ψ over the pairs. */
  readonly mean: number;
  readonly variance: number;
  readonly degreesOfFreedom: number;
  readonly evaluated: number;
  /** Whether near pairs were searched for in blocks. */
  readonly searched: boolean;
}

export function estimatePairMean(table: DirectionTable, pair: PairSpec, options: PairSumOptions): PairSum {
  const { count, rows, dim } = table;
  const { seed, name } = options;
  const evaluate = pairEvaluator(table, pair);
  const all = (count * (count - 1)) / 2;
  const out: PairValue = { value: 0, cosine: 0, angle: 0 };
  const observe = options.observe && mapped(options.observe, rows);
  if (options.pairs >= all) return everyPair(count, evaluate, all, observe);

  const stream = randomStream(seed, `${name}, pairs`, 0);
  const other = (i: number) => {
    const j = stream.below(count - 1);
    return j >= i ? j + 1 : j;
  };
  const pilot: PairValue[] = [];
  const pilotSize = Math.min(20_000, Math.max(100, Math.floor(options.pairs / 20)));
  for (let n = 0; n < pilotSize; n++) {
    const i = stream.below(count);
    pilot.push(evaluate(i, other(i), { value: 0, cosine: 0, angle: 0 }));
  }
  const left = options.pairs - pilotSize;
  const control = fitControl(table, pilot, count * dim <= 4 * options.pairs);
  const plan = planBlocks(pilot, left, count, all, pair.space);

  // The blocks' tables come before the draws in cost; their pairs are met in any order.
  const blocks = plan && blockTables(table, { ...plan, space: pair.space, seed, name });
  const tables = plan?.tables ?? 0;
  const draws = Math.max(100, Math.floor(left * (plan ? 1 - blockShare : 1)));
  // Every row the same number of times where there are enough draws: less variance, and still unbiased.
  const perRow = Math.floor(draws / count);
  const drawn = perRow > 0 ? perRow * count : draws;
  const rate = drawn / all;
  const found = (angle: number, of: number) =>
    plan ? -Math.expm1(of * Math.log1p(-Math.min(1, blockProbability(angle, plan.planes, pair.space)))) : 0;

  let evaluated = pilotSize;
  let inBlocks = 0;
  let diagonal = 0;
  const single = new Float64Array(tables);
  if (blocks) {
    forEachNearPair(blocks, count, (i, j, only) => {
      evaluate(i, j, out);
      evaluated++;
      const rest = out.value - control.at(out.cosine);
      const probability = found(out.angle, tables);
      const weight = 1 / (probability + rate * (1 - probability));
      inBlocks += weight * rest;
      diagonal += (weight * rest) ** 2 * (1 - probability);
      if (only !== undefined) single[only]! += (rest * weight * probability) / found(out.angle, tables - 1);
      observe?.(i, j, out.cosine, weight);
    });
  }

  let sum = 0;
  let mean = 0;
  let squares = 0;
  for (let n = 0; n < drawn; n++) {
    const i = perRow > 0 ? Math.floor(n / perRow) : stream.below(count);
    const j = other(i);
    evaluate(i, j, out);
    const probability = found(out.angle, tables);
    const weight = (1 - probability) / (probability + rate * (1 - probability));
    const value = weight * (out.value - control.at(out.cosine));
    sum += value;
    const step = value - mean;
    mean += step / (n + 1);
    squares += step * (value - mean);
    observe?.(i, j, out.cosine, weight);
  }
  evaluated += drawn;

  const ofDraws = (drawn * squares) / (drawn - 1);
  const ofBlocks = Math.max(jackknife(single), diagonal);
  const variance = (ofDraws + ofBlocks) / all ** 2;
  const freedom =
    ofDraws + ofBlocks === 0
      ? drawn
      : (ofDraws + ofBlocks) ** 2 / (ofDraws ** 2 / (drawn - 1) + (tables > 1 ? ofBlocks ** 2 / (tables - 1) : 0));
  return {
    mean: control.mean + (inBlocks + sum) / all,
    variance,
    degreesOfFreedom: freedom,
    evaluated,
    searched: blocks !== undefined,
  };
}

/**
 * Leaving out one table changes the estimate by what that table alone found: (T−1)/T Σ (s_t − s̄)². It sees that pairs which
 * share rows, or lie beside the same plane, are missed together.
 */
function jackknife(single: Float64Array): number {
  if (single.length < 2) return 0;
  const mean = single.reduce((total, value) => total + value, 0) / single.length;
  const squares = single.reduce((total, value) => total + (value - mean) ** 2, 0);
  return ((single.length - 1) / single.length) * squares;
}

/**
 * As few planes as keep the blocks' pairs within their share. With few pairs in the budget there are fewer tables, but always
 * some: without a search rare near pairs would be missed, and the interval wouldn't know. `undefined` where even the narrowest
 * blocks hold too many pairs: then near pairs are so common that draws meet them.
 */
function planBlocks(
  pilot: readonly PairValue[],
  pairs: number,
  count: number,
  all: number,
  space: PairSpec["space"],
): { planes: number; tables: number } | undefined {
  for (let planes = 2; planes <= mostPlanes; planes++) {
    const affordable = Math.floor((productsPerPair * pairs) / (count * planes));
    const tables = Math.max(leastTables, Math.min(mostTables, affordable));
    const shared = pilot.reduce((total, { angle }) => total + blockProbability(angle, planes, space), 0) / pilot.length;
    if (tables * shared * all <= blockShare * pairs) return { planes, tables };
  }
  return undefined;
}

function everyPair(
  count: number,
  evaluate: ReturnType<typeof pairEvaluator>,
  all: number,
  observe: ObservePair | undefined,
): PairSum {
  const out: PairValue = { value: 0, cosine: 0, angle: 0 };
  let total = 0;
  for (let i = 0; i < count; i++) {
    let row = 0;
    for (let j = i + 1; j < count; j++) {
      row += evaluate(i, j, out).value;
      observe?.(i, j, out.cosine, 1);
    }
    total += row;
  }
  return {
    mean: all === 0 ? 0 : total / all,
    variance: 0,
    degreesOfFreedom: Infinity,
    evaluated: all,
    searched: false,
  };
}

function mapped(observe: ObservePair, rows: Int32Array): ObservePair {
  return (i, j, cosine, weight) => observe(rows[i]!, rows[j]!, cosine, weight);
}
