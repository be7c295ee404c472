/** How much to search and how much to draw: what a number of pairs, or a time, is spent on. */
import type { Space } from "../config/types.js";
import { type BlockPlan, blockProbability, mostPlanes } from "./near-pairs.js";

/**
 * Independent tables of blocks. All rows of a narrow cone lie on one side of most planes, so that a few tables give errors which
 * are neither normal nor seen by the variance between them: fewer than 12 are made only where time is short, and then the variance
 * between them is raised.
 */
export const mostTables = 24;
export const leastTables = 12;
/** Without any search rare near pairs would be missed and the interval wouldn't know. */
export const fewestTables = 4;
/** Inner products with planes that the search may take for each pair in the budget. */
const productsPerPair = 2;
/** The share of the pairs that may be evaluated which is planned to lie in blocks, and the share of the time for the search. */
export const blockShare = 0.4;

/** What an amount of work may be. */
export interface Means {
  /** Tables that can be made with so many planes. */
  readonly tables: (planes: number) => number;
  /** Pairs that can be evaluated beside so many tables. */
  readonly pairs: (plan: BlockPlan) => number;
}

/** A number of pairs to evaluate: the result is the same on every machine. */
export function pairMeans(pairs: number, count: number): Means {
  const tables = (planes: number) => Math.max(leastTables, Math.floor((productsPerPair * pairs) / (count * planes)));
  return { tables, pairs: () => pairs };
}

/** Milliseconds that work takes on this machine. */
export interface Costs {
  /** One pair: random rows, out of cache. */
  readonly pair: number;
  /** One plane of one table for one number of a row. */
  readonly product: number;
}

/** Milliseconds for a bit of a code, and to put a row into its bucket: measured, and small beside the rest. */
const [bitTime, bucketTime] = [1.5e-6, 1.5e-4];

/** A time to be done in. */
export function timeMeans(left: number, costs: Costs, count: number, dim: number): Means {
  const tableTime = (planes: number) => count * (planes * (dim * costs.product + bitTime) + bucketTime);
  const tables = (planes: number) => Math.max(fewestTables, Math.floor((blockShare * left) / tableTime(planes)));
  const pairs = (plan: BlockPlan) =>
    Math.max(1000, Math.floor((left - plan.tables * tableTime(plan.planes)) / costs.pair));
  return { tables, pairs };
}

/**
 * As few planes as keep the blocks' pairs within their share, by the angles of random pairs. A pilot that holds a near pair by luck
 * asks for more planes than there are; then what the narrowest blocks really hold decides.
 */
export function planBlocks(
  pilot: readonly number[],
  means: Means,
  all: number,
  space: Space,
): BlockPlan & { readonly pairs: number } {
  for (let planes = 2; ; planes++) {
    const tables = Math.min(mostTables, means.tables(planes));
    const pairs = means.pairs({ planes, tables });
    const shared = pilot.reduce((total, angle) => total + blockProbability(angle, planes, space), 0) / pilot.length;
    if (planes === mostPlanes || tables * shared * all <= blockShare * pairs) return { planes, tables, pairs };
  }
}
