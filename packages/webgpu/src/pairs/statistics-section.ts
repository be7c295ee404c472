/**
 * The rows that a pass of statistics has in one buffer: all of an entry, or where they don't fit a block with itself, or two blocks below each
 * other, of which only pairs across count. Whatever it finds is told by the entry's own numbers of rows.
 */
import type { CosinesAbout } from "@comhe/core";
import { type Block, blocksOf, wholeOf } from "../device/blocks.js";
import type { DeviceArray } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import type { Blocking } from "../kernels/blocking.js";
import { type DeviceDirections, takeDirections } from "./directions.js";
import { bothOf, type Meeting, meetingsOf } from "./sum-pairs-in-parts.js";
import { type Table, tableOf } from "./table.js";

/** Tiles: some rows of them with all columns from the first of them on, or with all of another block's. */
export interface Band {
  readonly firstRow: number;
  readonly height: number;
  readonly firstColumn: number;
  readonly across: number;
}

/** Rows whose pairs are gone through together, to be freed by {@link close}. */
export interface Section extends Table {
  readonly meeting: Meeting;
  /** 1/ρ of each row. */
  readonly inverse: DeviceArray;
  /** The first rows, whose columns are the others; all where rows meet each other. */
  readonly ownRows: number;
  readonly isSquare: boolean;
  /** What the first rows' numbers begin with, and what columns' numbers are more than their places. */
  readonly rowOffset: number;
  readonly columnOffset: number;
}

/** What sections there are of an entry's rows. */
export function sectionsOf(engine: Engine, { unit }: DeviceDirections, entry: number): readonly Meeting[] {
  const [, count, dim] = unit.shape as [number, number, number];
  const blocks = blocksOf([1, count, dim], engine.largestArray) ?? [wholeOf([1, count])];
  return meetingsOf(blocks.map((block) => ({ ...block, entry })));
}

export function open(engine: Engine, directions: DeviceDirections, meeting: Meeting, blocking?: Blocking): Section {
  const { own, other } = meeting;
  // Beyond the scope, until the section is closed: what comes of bands is awaited.
  return engine.scope(() => {
    const of = other ? bothOf(engine, directions, own, other) : takeDirections(engine, directions, own);
    const table = tableOf(engine, of.unit, blocking);
    return {
      ...{ ...table, meeting, ownRows: own.rows, isSquare: !other },
      ...{ x: engine.hold(table.x), inverse: engine.hold(of.inverseNorm) },
      ...{ rowOffset: own.row, columnOffset: other ? other.row - own.rows : own.row },
    };
  });
}

export function close(engine: Engine, { x, inverse }: Section): void {
  engine.free(x);
  engine.free(inverse);
}

/** The entry's row that one of the section's is. */
export const rowOf =
  ({ ownRows, rowOffset, columnOffset }: Section) =>
  (row: number): number =>
    row + (row < ownRows ? rowOffset : columnOffset);

/** Pairs of an entry's rows that a section has, by its own numbers, and which of them they are. */
export function pairsWithin({ own, other = own }: Meeting, pairs: Uint32Array) {
  const places: number[] = [];
  const local: number[] = [];
  const isIn = ({ row, rows }: Block, i: number) => i >= row && i < row + rows;
  const below = other === own ? own.row : other.row - own.rows;
  for (let n = 0; 2 * n < pairs.length; n++) {
    const [i, j] = [Math.min(pairs[2 * n]!, pairs[2 * n + 1]!), Math.max(pairs[2 * n]!, pairs[2 * n + 1]!)];
    if (!isIn(own, i) || !isIn(other, j)) continue;
    places.push(n);
    local.push(i - own.row, j - below);
  }
  return { places, pairs: Uint32Array.from(local) };
}

/** Four numbers a row of the section: p, q, b. */
export function aboutOf({ count, ...section }: Section, { own, other, offset }: CosinesAbout): Float32Array {
  const row = rowOf({ count, ...section });
  const result = new Float32Array(4 * count);
  for (let n = 0; n < count; n++) result.set([own[row(n)]!, other[row(n)]!, offset[row(n)]!], 4 * n);
  return result;
}
