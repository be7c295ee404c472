/** The primitives that go row by row, of arrays in several buffers: block by block. The others refuse such an array, by the engine's error. */
import type { Shape } from "@comhe/core";
import { broadcastShape, type TensorPrimitives } from "@comhe/core/tensor-backend";
import { type Block, storedBlocksOf } from "../device/blocks.js";
import type { DeviceArray } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import { inSeveralBuffers } from "../device/failures.js";
import { blocksIn, fromBlocks, isInParts, take, transferMoved } from "./blocks-of-arrays.js";
import { productInParts } from "./product-in-parts.js";

type Primitives = TensorPrimitives<DeviceArray>;
const ofOne = ["abs", "square", "sqrt", "reciprocal", "exp", "log", "atan"] as const;
const ofTwo = ["add", "sub", "mul", "div", "maximum", "minimum", "less"] as const;

/** The primitives, for arrays that may lie in several buffers, too. */
export function primitivesInParts(engine: Engine, p: Primitives): Primitives {
  const isLarge = (shape: Shape) => engine.isLarge(shape);
  const inBlocks = (shape: Shape, blocks: readonly Block[], operands: readonly DeviceArray[], of: Operation) =>
    fromBlocks(engine, shape, blocks, (block) => of(...operands.map((each) => take(engine, each, block))));
  type Operation = (...operands: DeviceArray[]) => DeviceArray;
  const entryByEntry =
    (of: Operation): Operation =>
    (...operands) => {
      const large = operands.find(isInParts);
      if (!large && !isLarge(broadcastShape(operands.map(({ shape }) => shape)))) return of(...operands);
      const shape = broadcastShape(operands.map(({ shape }) => shape));
      // Without numbers of its own a result of any size is a number.
      if (operands.length > 1 && operands.every(({ storage }) => !storage)) return of(...operands);
      const blocks = large && String(large.shape) === String(shape) ? blocksIn(large) : blocksOfLarge(shape);
      return inBlocks(shape, blocks, operands, of);
    };
  const blocksOfLarge = (shape: Shape) => storedBlocksOf(shape, engine.largestArray)!;
  const rowByRow = (of: Primitives["sum"], a: DeviceArray) =>
    inBlocks([a.shape[0]!, a.shape[1]!, 1], blocksIn(a), [a], (part) => of(part!, 2));
  const lifted: Primitives = {
    ...p,
    ...Object.fromEntries([...ofOne, ...ofTwo].map((name) => [name, entryByEntry(p[name] as Operation)])),
    power: (a, exponent) => entryByEntry((part) => p.power(part!, exponent))(a),
    matmul: (a, b, transposeA, transposeB) => productInParts(engine, a, b, { transposeA, transposeB }),
    sum(a, axis) {
      if (!isInParts(a) || axis === 1) return p.sum(a, axis);
      if (axis === 2) return rowByRow(p.sum, a);
      const entries = Array.from({ length: a.shape[0]! }, (_, entry) => lifted.slice(a, 0, entry, 1));
      return entries.reduce((total, each) => lifted.add(total, each));
    },
    max: (a, axis) => (isInParts(a) && axis === 2 ? rowByRow(p.max, a) : p.max(a, axis)),
    transpose(a, permutation) {
      if (isInParts(a)) throw inSeveralBuffers("transpose", a.shape, blocksIn(a).length);
      return p.transpose(a, permutation);
    },
    slice(a, axis, start, length) {
      if (!isInParts(a)) return p.slice(a, axis, start, length);
      const shape = a.shape.map((size, n) => (n === axis ? length : size));
      if (axis === 2) return inBlocks(shape, blocksIn(a), [a], (part) => p.slice(part!, axis, start, length));
      const result = engine.makeLarge(shape);
      transferMoved(engine, a, result, axis === 0 ? { entries: -start } : { rows: -start });
      return result;
    },
    concat(parts, axis) {
      const total = parts.reduce((sum, { shape }) => sum + shape[axis]!, 0);
      const shape = parts[0]!.shape.map((size, n) => (n === axis ? total : size));
      if (!parts.some(isInParts) && !isLarge(shape)) return p.concat(parts, axis);
      if (axis === 2) return inBlocks(shape, blocksOfLarge(shape), parts, (...some) => p.concat(some, axis));
      const result = engine.makeLarge(shape);
      let start = 0;
      for (const part of parts) {
        transferMoved(engine, part, result, axis === 0 ? { entries: start } : { rows: start });
        start += part.shape[axis]!;
      }
      return result;
    },
    gather(a, index, axis) {
      const shape = a.shape.map((size, n) => (n === axis ? index.length : size));
      if (axis !== 2 || (!isInParts(a) && !isLarge(shape))) return p.gather(a, index, axis);
      const blocks = isInParts(a) ? blocksIn(a) : blocksOfLarge(shape);
      return inBlocks(shape, blocks, [a], (part) => p.gather(part!, index, axis));
    },
  };
  return lifted;
}
