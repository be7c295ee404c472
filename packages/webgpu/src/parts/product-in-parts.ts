/** Products of matrices some of which lie in several buffers: slab by slab of the rows that the others have as well. */
import type { MatmulOptions, Shape } from "@comhe/core";
import { type Block, storedBlocksOf, tileRows } from "../device/blocks.js";
import type { DeviceArray } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import { roundUp } from "../device/sizes.js";
import { add } from "../primitives/elementwise.js";
import { product, shapeOfProduct } from "../primitives/product.js";
import { fromBlocks, isInParts, take } from "./blocks-of-arrays.js";

/** As a backend's `matmul`. */
export function productInParts(
  engine: Engine,
  a: DeviceArray,
  b: DeviceArray,
  options: MatmulOptions = {},
): DeviceArray {
  const shape = shapeOfProduct(a.shape, b.shape, options);
  const isLarge = (storedBlocksOf(shape, engine.largestArray)?.length ?? 0) > 1;
  if (!isInParts(a) && !isInParts(b) && !isLarge) return product(engine, a, b, options);
  // The rows of a are the result's.
  if (!isInParts(b) && !options.transposeA) {
    const slabs = slabsOf(engine, a.shape[1]!, [a.shape, shape]);
    return fromBlocks(
      engine,
      shape,
      slabs.map((slab) => ({ ...slab, entries: shape[0]! })),
      ({ row, rows }) => product(engine, take(engine, a, { entry: 0, entries: a.shape[0]!, row, rows }), b, options),
    );
  }
  // The rows of both are what is summed over.
  if (options.transposeA && !options.transposeB && !isLarge) {
    const slabs = slabsOf(engine, a.shape[1]!, [a.shape, b.shape]);
    return engine.scope(() => {
      const rowsOf = (of: DeviceArray, { row, rows }: Block) =>
        take(engine, of, { entry: 0, entries: of.shape[0]!, row, rows });
      return slabs
        .map((slab) => engine.scope(() => product(engine, rowsOf(a, slab), rowsOf(b, slab), options)))
        .reduce((sum, each) => add(engine)(sum, each));
    });
  }
  // Refused by the engine, which says what lies in several buffers.
  return product(engine, a, b, options);
}

/** Runs of rows of which each array has no more than half a buffer, in whole tiles. */
function slabsOf(engine: Engine, count: number, shapes: readonly Shape[]): Block[] {
  const bytes = Math.max(...shapes.map(([batch, , dim]) => 4 * batch! * roundUp(dim!, 16)));
  const size = Math.max(1, Math.floor(engine.largestArray / 2 / bytes / tileRows)) * tileRows;
  return Array.from({ length: Math.ceil(count / size) }, (_, n) => {
    return { entry: 0, entries: 1, row: n * size, rows: Math.min(size, count - n * size) };
  });
}
