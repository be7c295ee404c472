/**
 * Pairs of rows that don't fit into one buffer: every block of them with itself, and every two blocks, put below each other, with one another. Each
 * pair is met once, as in one buffer.
 */
import type { PairSpec } from "@comhe/core";
import { type Block, blocksOf } from "../device/blocks.js";
import type { DeviceArray } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import { put, take } from "../parts/blocks-of-arrays.js";
import { add, fillWith } from "../primitives/elementwise.js";
import { type DeviceDirections, takeDirections } from "./directions.js";
import { sumRuns } from "./sum.js";
import { type SumPairsOptions, sumPairs } from "./sum-pairs.js";

/** Does what {@link sumPairs} does, for rows in one buffer or in several. */
export function sumAllPairs(
  engine: Engine,
  directions: DeviceDirections,
  pair: PairSpec,
  options: Pick<SumPairsOptions, "blocking" | "wanted">,
): DeviceArray {
  const blocks = blocksOf(directions.unit.shape, engine.largestArray);
  // What has no blocks fits as it is, or is refused with both numbers.
  if (!blocks || blocks.length === 1) return sumPairs(engine, directions, pair, options);
  const [batch] = directions.unit.shape as [number];
  const meetings = meetingsOf(blocks);
  const most = Math.max(...meetings.map(({ number }) => number)) + 1;
  const sums = fillWith(engine, [batch, most, 1], 0);
  const begun = new Set<Block>();
  for (const { own, other, number } of meetings) {
    engine.scope(() => {
      const of = other ? bothOf(engine, directions, own, other) : takeDirections(engine, directions, own);
      const wanted = options.wanted && { ...options.wanted, onDirections: engine.make(of.unit.shape) };
      const sum = sumPairs(engine, of, pair, { ...options, wanted, acrossFrom: other && own.rows });
      const { entry, entries } = own;
      put(engine, engine.reshape(sum, [entries, 1, 1]), sums, { entry, entries, row: number, rows: 1 });
      if (!wanted || !options.wanted) return;
      for (const block of other ? [own, other] : [own]) {
        const found = take(engine, wanted.onDirections, {
          ...{ entry: 0, entries, rows: block.rows },
          row: block === own ? 0 : own.rows,
        });
        const { onDirections } = options.wanted;
        const total = begun.has(block) ? add(engine)(take(engine, onDirections, block), found) : found;
        put(engine, total, onDirections, block);
        begun.add(block);
      }
    });
  }
  return sumRuns(engine, sums, batch);
}

/** Two blocks whose rows meet, or one whose rows meet each other. */
export interface Meeting {
  readonly own: Block;
  readonly other?: Block;
  /** Counted within an entry. */
  readonly number: number;
}

export function meetingsOf(blocks: readonly Block[]): readonly Meeting[] {
  const meetings: Meeting[] = [];
  const met = new Map<number, number>();
  for (const own of blocks) {
    for (const other of blocks) {
      if (other.entry !== own.entry || other.row < own.row) continue;
      const number = met.get(own.entry) ?? 0;
      meetings.push(other === own ? { own, number } : { own, other, number });
      met.set(own.entry, number + 1);
    }
  }
  return meetings;
}

/** The directions of two blocks of one entry, one below the other. */
export function bothOf(engine: Engine, directions: DeviceDirections, own: Block, other: Block): DeviceDirections {
  const below = (array: DeviceArray) => {
    const rows = own.rows + other.rows;
    const both = engine.make([1, rows, array.shape[2]!]);
    for (const block of [own, other]) {
      const row = block === own ? 0 : own.rows;
      put(engine, take(engine, array, block), both, { entry: 0, entries: 1, row, rows: block.rows });
    }
    return both;
  };
  return { ...directions, unit: below(directions.unit), inverseNorm: below(directions.inverseNorm) };
}
