/** The pairwise energy, alone or with its gradient: the sum over pairs, and what pulls its slopes back to the rows. */
import type { PairSpec, PairwiseEnergy, PairwiseResult } from "@comhe/core";
import { pairWeights } from "@comhe/core/host-functions";
import type { TensorPairwiseSaved } from "@comhe/core/tensor-backend";
import type { DeviceArray } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import type { Blocking } from "../kernels/blocking.js";
import { selfValuesKernel } from "../kernels/rows.js";
import { energyKernel } from "../kernels/sums.js";
import { type DeviceDirections, pullback } from "./directions.js";
import { sumRuns } from "./sum.js";
import { sumAllPairs } from "./sum-pairs-in-parts.js";

export interface PairwiseOptions {
  /** For the slopes of some rows. */
  readonly panelBytes: number;
  /** How tiles are cut. Default: by the table. */
  readonly blocking?: Blocking | undefined;
}

/** A backend's `pairwise`: the energy of all pairs with its gradient. */
export function pairwise(
  engine: Engine,
  directions: DeviceDirections,
  pair: PairSpec,
  { panelBytes, blocking }: PairwiseOptions,
): PairwiseResult<DeviceArray> {
  const { unit, normEpsilon } = directions;
  const weights = pairWeights(unit.shape[1]!, pair.space, pair.population);
  return engine.scope(() => {
    const onDirections = engine.makeLarge(unit.shape);
    const sums = sumAllPairs(engine, directions, pair, { blocking, wanted: { onDirections, panelBytes } });
    const self = pair.space === "half" && normEpsilon > 0 ? { pair, weight: 2 * weights.self } : undefined;
    const gradient = pullback(engine, directions, onDirections, weights.pair, self);
    const saved: TensorPairwiseSaved<DeviceArray> = { directions, pair, onDirections };
    return { energy: energyOf(engine, directions, pair, sums), gradient, saved };
  });
}

/** A backend's `pairwise` without the gradient. */
export function pairwiseEnergy(
  engine: Engine,
  directions: DeviceDirections,
  pair: PairSpec,
  blocking?: Blocking,
): PairwiseEnergy<DeviceArray> {
  return engine.scope(() => ({
    energy: energyOf(engine, directions, pair, sumAllPairs(engine, directions, pair, { blocking })),
  }));
}

/** `[batch]`, of the sums over pairs. */
function energyOf(
  engine: Engine,
  { unit, inverseNorm, normEpsilon }: DeviceDirections,
  pair: PairSpec,
  pairs: DeviceArray,
): DeviceArray {
  const [batch, count] = unit.shape as [number, number];
  const weights = pairWeights(count, pair.space, pair.population);
  let selves = pairs;
  if (pair.space === "half") {
    const values = engine.make([batch, count]);
    engine.run(selfValuesKernel(pair, normEpsilon === 0), {
      arrays: { inverse: inverseNorm, values },
      parameters: { size: batch * count, root: Math.sqrt(normEpsilon) },
      groups: [Math.ceil((batch * count) / 256), 1, 1],
      work: 32 * batch * count,
    });
    selves = sumRuns(engine, values, batch);
  }
  const energies = engine.make([batch]);
  engine.run(energyKernel, {
    arrays: { pairs, selves, energies },
    parameters: { size: batch, pair: weights.pair, self_weight: pair.space === "half" ? weights.self : 0 },
    groups: [Math.ceil(batch / 64), 1, 1],
    work: 4 * batch,
  });
  return energies;
}
