/** Uniformity: log of the mean Gaussian potential. Wang & Isola 2020 (arXiv 2005.10242). */
import type { ObjectiveTask, PairSpec } from "../backend/backend.js";
import type { UniformityObjective } from "../config/types.js";

/** The energy that uniformity is the logarithm of: f = log E, ∂f/∂W = (∂E/∂W)/E. */
export function uniformityPair({ t }: UniformityObjective, { space, separationFloor }: ObjectiveTask): PairSpec {
  return { potential: { kind: "gaussian", t }, space, separationFloor };
}
