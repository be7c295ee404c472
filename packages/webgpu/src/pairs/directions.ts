/** Directions x = w/ρ of rows, and the pullback of a gradient through them. */
import type { PairSpec } from "@comhe/core";
import type { TensorDirections } from "@comhe/core/tensor-backend";
import type { Block } from "../device/blocks.js";
import type { DeviceArray } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import { sizeOf } from "../device/sizes.js";
import { directionsKernel, pullbackKernel, rowThreads } from "../kernels/rows.js";
import { blocksIn, fromBlocks, isInParts, put, take } from "../parts/blocks-of-arrays.js";

export type DeviceDirections = TensorDirections<DeviceArray>;

/** A backend's `directions`: rows of length 1, and what they were divided by. */
export function directions(engine: Engine, rows: DeviceArray, normEpsilon: number): DeviceDirections {
  const [batch, count] = rows.shape as [number, number, number];
  const unit = engine.makeLarge(rows.shape);
  const inverseNorm = engine.make([batch, count, 1]);
  if (!isInParts(rows)) {
    normalize(engine, rows, normEpsilon, unit, inverseNorm);
    return { unit, inverseNorm, normEpsilon };
  }
  for (const block of blocksIn(rows)) {
    engine.scope(() => {
      const part = take(engine, rows, block);
      const [own, inverse] = [engine.make(part.shape), engine.make([block.entries, block.rows, 1])];
      normalize(engine, part, normEpsilon, own, inverse);
      put(engine, own, unit, block);
      put(engine, inverse, inverseNorm, block);
    });
  }
  return { unit, inverseNorm, normEpsilon };
}

function normalize(
  engine: Engine,
  rows: DeviceArray,
  normEpsilon: number,
  unit: DeviceArray,
  inverse: DeviceArray,
): void {
  const [batch, count, dim] = rows.shape as [number, number, number];
  engine.run(directionsKernel(rowThreads(dim, engine.inSoftware)), {
    arrays: { w: rows, unit, inverse },
    parameters: { dim, root: Math.sqrt(normEpsilon) },
    groups: [batch * count, 1, 1],
    work: 8 * sizeOf(rows.shape),
  });
}

/** The directions of a block of the rows. */
export function takeDirections(engine: Engine, of: DeviceDirections, block: Block): DeviceDirections {
  return { ...of, unit: take(engine, of.unit, block), inverseNorm: take(engine, of.inverseNorm, block) };
}

/**
 * J(g)·scale, less what the self terms of half space pull.
 *
 * @param self the pair whose self terms have a slope, with their weight
 */
export function pullback(
  engine: Engine,
  of: DeviceDirections,
  gradient: DeviceArray,
  scale: number,
  self?: { readonly pair: PairSpec; readonly weight: number },
): DeviceArray {
  const { unit, inverseNorm, normEpsilon } = of;
  if (isInParts(unit)) {
    return fromBlocks(engine, unit.shape, blocksIn(unit), (block) =>
      pullback(engine, takeDirections(engine, of, block), take(engine, gradient, block), scale, self),
    );
  }
  const [batch, count, dim] = unit.shape as [number, number, number];
  const result = engine.make(unit.shape);
  engine.run(pullbackKernel(rowThreads(dim, engine.inSoftware), normEpsilon === 0, self?.pair), {
    arrays: { x: unit, g: gradient, inverse: inverseNorm, result },
    parameters: { dim, scale, self_weight: self?.weight ?? 0, root: Math.sqrt(normEpsilon) },
    groups: [batch * count, 1, 1],
    work: 8 * sizeOf(unit.shape),
  });
  return result;
}
