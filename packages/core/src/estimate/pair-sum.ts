/**
 * An unbiased estimate of the mean of ψ over all pairs, with a variance that isn't blind to rare near pairs.
 *
 * Two samples of pairs are joined. *Blocks* ({@link file://./near-pairs.ts}) hold a pair with the known probability π(θ), near 1
 * where ψ is large. *Uniform draws* hold each of the M pairs r = n/M times on average. With D = π + r(1 − π), a pair found in a
 * block weighs 1/D and one that is drawn (1 − π)/D: on average every pair then counts once, π/D + r(1 − π)/D = 1, and of all
 * such weights these have the least variance pair by pair. A coincident pair is found (π = 1), and then its draws weigh nothing;
 * no rare draw can matter much, which is what heavy tails do to plain sampling.
 *
 * Where time is limited, r is what was planned, and the sum over the n′ draws that there was time for is scaled by n/n′: how many
 * there are doesn't depend on what they hold, so the estimate stays unbiased. Whatever else is summed over the sample needs the same
 * factor, or pairs far apart, which only draws meet, count too little or too much beside near ones.
 */
import type { PairSpec } from "../backend/backend.js";
import { type RandomStream, randomStream } from "../random/random-stream.js";
import type { Clock } from "./clock.js";
import { fitControl } from "./control.js";
import { angleOf, type DirectionTable, type EvaluatePair, type PairValue, pairEvaluator } from "./direction-table.js";
import { foundProbability } from "./found-probability.js";
import { type BlockTables, blockTables, countNearPairs, forEachNearPair, mostPlanes, takeShare } from "./near-pairs.js";
import { blockShare, leastTables, type Means, pairMeans, planBlocks, timeMeans } from "./plan.js";
import { productTime, type RowProducts } from "./row-products.js";

/**
 * Is told every pair that {@link estimateEnergy} evaluates: its rows i and j, the cosine between their directions, and a weight.
 *
 * How much a draw weighs beside a pair that the search found is known only once the last one is drawn, since time may end the drawing.
 * So the two are handed over apart, and sums over them have to be kept apart until {@link PairObserver.scaleDraws} tells.
 */
export interface PairObserver {
  /** Called for a pair that the search found; it stands for `weight` of all pairs. */
  add(i: number, j: number, cosine: number, weight: number): void;
  /** Called for a pair that was drawn at random; it stands for `weight`, times the factor of `scaleDraws`, of all pairs. */
  addDraw(i: number, j: number, cosine: number, weight: number): void;
  /** Called once, after the last draw: what the weights of draws are to be multiplied by. Not called where nothing is drawn. */
  scaleDraws(factor: number): void;
}

export interface PairSumOptions {
  /** How many pairs may be evaluated, at least 100; or the time it may take. */
  readonly limit: { readonly pairs: number } | { readonly clock: Clock };
  readonly seed: number;
  readonly name: string;
  readonly observe?: PairObserver | undefined;
}

export interface PairSum {
  /** Mean of ψ over the pairs. */
  readonly mean: number;
  readonly variance: number;
  readonly degreesOfFreedom: number;
  readonly evaluated: number;
  /** Tables of blocks that near pairs were searched for in; 0: near pairs are so common that draws meet them. */
  readonly tables: number;
}

/** Draws between two looks at the clock. */
const drawsAtOnce = 512;
const leastDraws = 20_000;
/** From how many times as many pairs as were planned on, the blocks hold too many. */
const tooMany = 1.5;
/** Near pairs among the draws from which on no search is needed. */
const common = 100;

export async function estimatePairMean(
  table: DirectionTable,
  pair: PairSpec,
  products: RowProducts,
  options: PairSumOptions,
): Promise<PairSum> {
  const { count, rows } = table;
  const { seed, name, limit } = options;
  const evaluate = pairEvaluator(table, pair);
  const all = (count * (count - 1)) / 2;
  const observe = options.observe && mapped(options.observe, rows);
  if ("pairs" in limit && limit.pairs >= all) return everyPair(count, evaluate, all, observe);
  const clock = "clock" in limit ? limit.clock : undefined;

  const stream = randomStream(seed, `${name}, pairs`, 0);
  const { pilot, pairTime } = drawPilot(evaluate, count, stream, limit);
  const { means, squares } = await meansOf(table, products, limit, pilot.length, pairTime);
  const control = await fitControl(table, pilot, squares ? products : undefined);
  const plan = planBlocks(pilot.map(angleOf), means, all, pair.space);

  const search = await searchBlocks(table, products, plan, { ...options, space: pair.space, clock });
  const tables = search?.tables ?? 0;
  const found = search
    ? foundProbability({ planes: search.planes, share: search.share, space: pair.space })
    : foundProbability(undefined);

  const planned = Math.max(100, Math.floor(plan.pairs * (search ? 1 - blockShare : 1)));
  // Every row the same number of times where there are enough draws: less variance, and still unbiased.
  const perRow = Math.floor(planned / count);
  const draws = perRow > 0 ? perRow * count : planned;
  const rate = draws / all;

  let evaluated = pilot.length;
  const out: PairValue = { value: 0, cosine: 0, near: 0, far: 0 };
  let inBlocks = 0;
  let diagonal = 0;
  let rarest = 0;
  const single = new Float64Array(tables);
  if (search) {
    forEachNearPair(search, count, (i, j, only) => {
      evaluate(i, j, out);
      evaluated++;
      const rest = out.value - control.at(out.cosine);
      const probability = found(out, tables);
      const weight = 1 / (probability + rate * (1 - probability));
      inBlocks += weight * rest;
      const uncertain = (weight * rest) ** 2 * (1 - probability);
      diagonal += uncertain;
      rarest = Math.max(rarest, uncertain);
      if (only !== undefined) single[only]! += (rest * weight * probability) / found(out, tables - 1);
      observe?.add(i, j, cosineOf(out), weight);
    });
  }

  // Draws go through the rows in order, but for the first round, which the clock may break off: that one takes them as a random
  // step leads.
  const step = strideThrough(count, stream);
  let row = stream.below(count);
  let drawn = 0;
  let sum = 0;
  let mean = 0;
  let deviations = 0;
  let largest = 0;
  while (clock ? drawn < leastDraws || clock.left() > 0 : drawn < draws) {
    for (const end = clock ? drawn + drawsAtOnce : Math.min(draws, drawn + drawsAtOnce); drawn < end; ) {
      const i = perRow > 0 ? row : stream.below(count);
      row = (row + (drawn < count ? step : 1)) % count;
      const j = otherThan(i, count, stream);
      evaluate(i, j, out);
      const probability = found(out, tables);
      const weight = (1 - probability) / (probability + rate * (1 - probability));
      const value = weight * (out.value - control.at(out.cosine));
      sum += value;
      const change = value - mean;
      mean += change / ++drawn;
      deviations += change * (value - mean);
      largest = Math.max(largest, Math.abs(value - mean));
      observe?.addDraw(i, j, cosineOf(out), weight);
    }
  }
  evaluated += drawn;

  const scale = draws / drawn;
  observe?.scaleDraws(scale);
  // As if the rarest pair had been met once more: it makes up for those like it that weren't, where tails are heavy.
  const ofDraws = scale ** 2 * ((drawn * deviations) / (drawn - 1) + largest ** 2);
  // A few tables know their own variance badly.
  const ofBlocks = (Math.max(jackknife(single), diagonal) + rarest) * Math.max(1, leastTables / Math.max(1, tables));
  const variance = (ofDraws + ofBlocks) / all ** 2;
  const freedom =
    ofDraws + ofBlocks === 0
      ? drawn
      : (ofDraws + ofBlocks) ** 2 / (ofDraws ** 2 / (drawn - 1) + (tables > 1 ? ofBlocks ** 2 / (tables - 1) : 0));
  return {
    mean: control.mean + (inBlocks + scale * sum) / all,
    variance,
    degreesOfFreedom: freedom,
    evaluated,
    tables,
  };
}

function otherThan(i: number, count: number, stream: RandomStream): number {
  const j = stream.below(count - 1);
  return j >= i ? j + 1 : j;
}

/** A step that has no divisor in common with the number of rows: it comes by every row once before it comes back. */
function strideThrough(count: number, stream: RandomStream): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let step = 1 + stream.below(count - 1);
  while (divisor(step, count) !== 1) step = (step % (count - 1)) + 1;
  return step;
}

/** Random pairs to plan by, that aren't used again, and the milliseconds one takes. */
function drawPilot(
  evaluate: EvaluatePair,
  count: number,
  stream: RandomStream,
  limit: PairSumOptions["limit"],
): { pilot: PairValue[]; pairTime: number } {
  const pilot: PairValue[] = [];
  const most = "pairs" in limit ? Math.min(20_000, Math.max(100, Math.floor(limit.pairs / 20))) : 20_000;
  const until = "clock" in limit ? limit.clock.left() * 0.95 : 0;
  // The first ones run before the engine has compiled them.
  const unmeasured = 200;
  let begin = 0;
  while (pilot.length < most) {
    if (pilot.length === unmeasured) begin = performance.now();
    if ("clock" in limit && pilot.length >= 2 * unmeasured && pilot.length % 64 === 0 && limit.clock.left() < until)
      break;
    const i = stream.below(count);
    pilot.push(evaluate(i, otherThan(i, count, stream), { value: 0, cosine: 0, near: 0, far: 0 }));
  }
  return { pilot, pairTime: (performance.now() - begin) / Math.max(1, pilot.length - unmeasured) };
}

/** Weights and random numbers cost about half as much again as the pair itself. */
const pairOverhead = 1.5;

/** XᵀX of so many takes no more products than the search. */
const fewDimensions = 512;

async function meansOf(
  table: DirectionTable,
  products: RowProducts,
  limit: PairSumOptions["limit"],
  used: number,
  pairTime: number,
): Promise<{ means: Means; squares: boolean }> {
  const { count, dim, unit } = table;
  if ("pairs" in limit) {
    return {
      means: pairMeans(limit.pairs - used, count),
      squares: dim <= fewDimensions || count * dim <= 4 * limit.pairs,
    };
  }
  const product = await productTime(products, { data: unit, count, dim });
  // A little is kept for what isn't foreseen.
  const left = 0.92 * limit.clock.left();
  const squareTime = product * count * dim * dim;
  const squares = squareTime < 0.1 * left;
  const costs = { pair: pairOverhead * pairTime, product };
  return { means: timeMeans(left - (squares ? squareTime : 0), costs, count, dim), squares };
}

/**
 * Blocks that hold no more pairs than can be evaluated: by more planes, and if need be by a share of the rows. `undefined` where near
 * pairs are so common that draws meet them.
 */
async function searchBlocks(
  table: DirectionTable,
  products: RowProducts,
  plan: { planes: number; tables: number; pairs: number },
  { seed, name, space, clock }: { seed: number; name: string; space: PairSpec["space"]; clock: Clock | undefined },
): Promise<BlockTables | undefined> {
  const all = (table.count * (table.count - 1)) / 2;
  const until = clock ? (1 - 1.25 * blockShare) * clock.left() : 0;
  const make = (planes: number, tables: number) =>
    blockTables(table, products, {
      ...{ planes, tables, space, seed, name },
      enough: clock && (() => clock.left() < until),
    });
  // Found near pairs are evaluated even where the budget is short, one for each row: missed, they would be what the interval can't know.
  const most = Math.max(tooMany * blockShare * plan.pairs, plan.tables * table.count);
  let blocks = await make(plan.planes, plan.tables);
  let near = countNearPairs(blocks, table.count);
  while (near > most && blocks.planes < mostPlanes) {
    const more = Math.max(4, Math.ceil(1.5 * Math.log2(near / most)) + 1);
    const planes = clock && clock.left() < until ? mostPlanes : Math.min(mostPlanes, blocks.planes + more);
    blocks = await make(planes, plan.tables);
    near = countNearPairs(blocks, table.count);
  }
  if (near <= most) return blocks;
  const met = (near / blocks.tables / all) * plan.pairs;
  return met >= common ? undefined : takeShare(blocks, Math.sqrt(most / near), seed, name);
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

function everyPair(count: number, evaluate: EvaluatePair, all: number, observe: PairObserver | undefined): PairSum {
  const out: PairValue = { value: 0, cosine: 0, near: 0, far: 0 };
  let total = 0;
  for (let i = 0; i < count; i++) {
    let row = 0;
    for (let j = i + 1; j < count; j++) {
      row += evaluate(i, j, out).value;
      observe?.add(i, j, cosineOf(out), 1);
    }
    total += row;
  }
  const mean = all === 0 ? 0 : total / all;
  return { mean, variance: 0, degreesOfFreedom: Number.POSITIVE_INFINITY, evaluated: all, tables: 0 };
}

/** Between the directions themselves: with ε > 0 the product of two rows is less. */
function cosineOf({ near, far }: PairValue): number {
  return 0.25 * (far - near);
}

/** Rows of the weights, in place of rows of the table. */
function mapped(observe: PairObserver, rows: Int32Array): PairObserver {
  return {
    add: (i, j, cosine, weight) => observe.add(rows[i]!, rows[j]!, cosine, weight),
    addDraw: (i, j, cosine, weight) => observe.addDraw(rows[i]!, rows[j]!, cosine, weight),
    scaleDraws: (factor) => observe.scaleDraws(factor),
  };
}
