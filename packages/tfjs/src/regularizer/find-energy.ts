/** Hyperspherical energy inside whatever regularizer a layer has. */
import { SumRegularizer } from "./combine-regularizers.js";
import { HypersphericalEnergy } from "./hyperspherical-energy.js";
import type { LayerRegularizer } from "./regularizer-base.js";

/** The regularizer itself, or the first one within a sum. */
export function findEnergy(regularizer: LayerRegularizer | undefined): HypersphericalEnergy | undefined {
  return findEnergies(regularizer)[0];
}

/** All of them, in order: a recurrent kernel has one for each gate. */
export function findEnergies(regularizer: LayerRegularizer | null | undefined): readonly HypersphericalEnergy[] {
  if (regularizer instanceof HypersphericalEnergy) return [regularizer];
  if (!(regularizer instanceof SumRegularizer)) return [];
  return regularizer.regularizers.flatMap(findEnergies);
}
