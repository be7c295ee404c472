/** Directions x = w/ρ of rows, and the pullback of a gradient through them. */
import type { PairSpec } from "@comhe/core";
import type { TensorDirections } from "@comhe/core/tensor-backend";
import { type DeviceArray, sizeOf } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import { directionsKernel, pullbackKernel, rowThreads } from "../kernels/rows.js";

export type DeviceDirections = TensorDirections<DeviceArray>;

/** As a backend's `directions`. */
export function directions(engine: Engine, rows: DeviceArray, normEpsilon: number): DeviceDirections {
  const [batch, count, dim] = rows.shape as [number, number, number];
  const unit = engine.make(rows.shape);
  const inverse = engine.make([batch, count, 1]);
  engine.run(directionsKernel(rowThreads(dim, engine.inSoftware)), {
    arrays: { w: rows, unit, inverse },
    parameters: { dim, root: Math.sqrt(normEpsilon) },
    groups: [batch * count, 1, 1],
    work: 8 * sizeOf(rows.shape),
  });
  return { unit, inverseNorm: inverse, normEpsilon };
}

/**
 * J(g)·scale, less what the self terms of half space pull.
 *
 * @param self the pair whose self terms have a slope, with their weight
 */
export function pullback(
  engine: Engine,
  { unit, inverseNorm, normEpsilon }: DeviceDirections,
  gradient: DeviceArray,
  scale: number,
  self?: { readonly pair: PairSpec; readonly weight: number },
): DeviceArray {
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
