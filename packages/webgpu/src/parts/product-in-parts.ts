/** Products of matrices some of which lie in several buffers: slab by slab of the rows that are cut, whichever of the product's axes these are. */
import type { MatmulOptions, Shape } from "@comhe/core";
import { stridesOf } from "@comhe/core/tensor-backend";
import { type Block, tileRows } from "../device/blocks.js";
import type { DeviceArray } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import { roundUp } from "../device/sizes.js";
import { add, copy } from "../primitives/elementwise.js";
import { product, shapeOfProduct } from "../primitives/product.js";
import { fromBlocks, isInParts, put, take } from "./blocks-of-arrays.js";

/** A backend's `matmul`, for arrays that may lie in several buffers. */
export function productInParts(
  engine: Engine,
  a: DeviceArray,
  b: DeviceArray,
  options: MatmulOptions = {},
): DeviceArray {
  const { transposeA = false, transposeB = false } = options;
  const shape = shapeOfProduct(a.shape, b.shape, options) as [number, number, number];
  const isLarge = engine.isLarge(shape);
  if (!isInParts(a) && !isInParts(b) && !isLarge) return product(engine, a, b, options);
  const part = (x: DeviceArray, y: DeviceArray) => productInParts(engine, x, y, options);
  const rowsAreCut = isInParts(a) && !transposeA;
  // What is summed over is cut.
  if (!rowsAreCut && (isInParts(a) || (isInParts(b) && !transposeB))) {
    const slabs = slabsOf(engine, transposeA ? a.shape[1]! : a.shape[2]!, [
      ...(transposeA ? [a.shape] : []),
      ...(transposeB ? [] : [b.shape]),
    ]);
    const partOf = (slab: Block) =>
      part(cut(engine, a, transposeA ? 1 : 2, slab), cut(engine, b, transposeB ? 2 : 1, slab));
    return engine.scope(() =>
      slabs.map((slab) => engine.scope(() => partOf(slab))).reduce((sum, each) => add(engine)(sum, each)),
    );
  }
  // The result's rows are.
  if (rowsAreCut || !isInParts(b)) {
    const slabs = slabsOf(engine, shape[1], [...(transposeA ? [] : [a.shape]), shape]);
    const blocks = slabs.map((slab) => ({ ...slab, entries: shape[0] }));
    return fromBlocks(engine, shape, blocks, (slab) => part(cut(engine, a, transposeA ? 2 : 1, slab), b));
  }
  // The result's columns are.
  const result = engine.makeLarge(shape);
  for (const slab of slabsOf(engine, shape[2], [b.shape])) {
    engine.scope(() => putColumns(engine, part(a, cut(engine, b, 1, slab)), result, slab.row));
  }
  return result;
}

/** Some positions of an axis of all entries. */
function cut(engine: Engine, array: DeviceArray, axis: 1 | 2, { row, rows }: Block): DeviceArray {
  const [entries, count] = array.shape as [number, number];
  if (axis === 1) return take(engine, array, { entry: 0, entries, row, rows });
  return copy(engine, array, [entries, count, rows], { strides: stridesOf(array.shape), start: row });
}

/** Runs of rows of which no array has more than half a buffer, in whole tiles. */
function slabsOf(engine: Engine, count: number, shapes: readonly Shape[]): Block[] {
  const bytes = Math.max(...shapes.map(([batch, , dim]) => 4 * batch! * roundUp(dim!, 16)));
  const size = Math.max(1, Math.floor(engine.largestArray / 2 / bytes / tileRows)) * tileRows;
  return Array.from({ length: Math.ceil(count / size) }, (_, n) => {
    return { entry: 0, entries: 1, row: n * size, rows: Math.min(size, count - n * size) };
  });
}

/** Copies columns into their place. */
function putColumns(engine: Engine, columns: DeviceArray, result: DeviceArray, start: number): void {
  if (isInParts(result)) {
    const blocks = result.storage!.blocks!;
    for (const block of blocks) {
      engine.scope(() => {
        const own = take(engine, result, block);
        putColumns(engine, take(engine, columns, block), own, start);
        put(engine, own, result, block);
      });
    }
    return;
  }
  const to = { result, to: { strides: stridesOf(result.shape), start } };
  copy(engine, columns, columns.shape, { strides: stridesOf(columns.shape), start: 0 }, to);
}
