/**
 * Blocks of arrays out of them and into them, whether an array lies in one buffer or in several. Whatever takes arrays that are larger than a
 * buffer may be is made of this: some rows are taken, computed with as if they were all, and what comes of them is put in its place.
 */
import { type Block, commonOf, isSame, runOf, wholeOf } from "../device/blocks.js";
import type { DeviceArray } from "../device/device-array.js";
import type { Engine, Part } from "../device/engine.js";
import { copy, type Place } from "../primitives/elementwise.js";

/** Whether an array lies in several buffers. */
export const isInParts = ({ storage }: DeviceArray): boolean => storage?.blocks !== undefined;

/** The blocks that an array lies in, one a buffer. */
export const blocksIn = ({ storage, shape }: DeviceArray): readonly Block[] => storage?.blocks ?? [wholeOf(shape)];

/** A block of an array; along axes of length 1 of all that goes with it. A part of its own memory where it is just that, else a copy. */
export function take(engine: Engine, array: DeviceArray, block: Block): DeviceArray {
  const [batch, count, dim] = array.shape as [number, number, number];
  const wanted: Block = {
    ...(batch === 1 ? { entry: 0, entries: 1 } : { entry: block.entry, entries: block.entries }),
    ...(count === 1 ? { row: 0, rows: 1 } : { row: block.row, rows: block.rows }),
  };
  const shape = [wanted.entries, wanted.rows, dim];
  if (!array.storage) return engine.fill(shape, array.value);
  const parts = engine.partsOf(array);
  const same = parts.find((part) => isSame(part.block, wanted));
  if (same) return same.array;
  const result = engine.make(shape);
  transfer(engine, parts, [{ block: wanted, array: result }]);
  return result;
}

/** Copies a block's numbers into their place in an array. */
export function put(engine: Engine, piece: DeviceArray, array: DeviceArray, block: Block): void {
  engine.scope(() => transfer(engine, [{ block, array: piece }], engine.partsOf(array)));
}

/** A new array of that shape, each of whose blocks `of` computes; what else it makes is freed. */
export function fromBlocks(
  engine: Engine,
  shape: readonly number[],
  blocks: readonly Block[],
  of: (block: Block) => DeviceArray,
): DeviceArray {
  const result = engine.makeLarge(shape);
  for (const block of blocks) engine.scope(() => put(engine, of(block), result, block));
  return result;
}

/** Copies what both sides have in common. */
function transfer(engine: Engine, from: readonly Part[], to: readonly Part[]): void {
  for (const source of from) {
    for (const target of to) {
      const common = commonOf(source.block, target.block);
      if (!common) continue;
      const shape = [common.entries, common.rows, source.array.shape[2] ?? 1];
      const result = { result: target.array, to: placeIn(target, common) };
      copy(engine, source.array, shape, placeIn(source, common), result);
    }
  }
}

/** Where a block lies in a part that it lies within. */
function placeIn({ block, array }: Part, inner: Block): Place {
  const [, rows = 1, dim = 1] = array.shape;
  const relative = { ...inner, entry: inner.entry - block.entry, row: inner.row - block.row };
  return { strides: [rows * dim, dim, 1], start: runOf(relative, array.shape).start };
}

/** Slices and joins: what both sides have in common, `from` moved by some entries and rows. */
export function transferMoved(
  engine: Engine,
  from: DeviceArray,
  to: DeviceArray,
  { entries = 0, rows = 0 }: { readonly entries?: number; readonly rows?: number },
): void {
  engine.scope(() => {
    const moved = engine.partsOf(from).map(({ block, array }) => ({
      block: { ...block, entry: block.entry + entries, row: block.row + rows },
      array,
    }));
    transfer(engine, moved, engine.partsOf(to));
  });
}
