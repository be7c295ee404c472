/** Hyperspherical energy inside whatever regularizer a layer has. */
import { SumRegularizer } from "./combine-regularizers.js";
import { HypersphericalEnergy } from "./hyperspherical-energy.js";
import type { LayerRegularizer } from "./regularizer-base.js";

/** Finds the hyperspherical energy in a regularizer: the regularizer itself, or the first one within a sum; `undefined` where there is none. */
export function findEnergy(regularizer: LayerRegularizer | undefined): HypersphericalEnergy | undefined {
  return findEnergies(regularizer)[0];
}

/** Finds all hyperspherical energies in a regularizer, in order: that of a recurrent kernel has one for each gate. */
export function findEnergies(regularizer: LayerRegularizer | null | undefined): readonly HypersphericalEnergy[] {
  if (regularizer instanceof HypersphericalEnergy) return [regularizer];
  if (!(regularizer instanceof SumRegularizer)) return [];
  return regularizer.regularizers.flatMap(findEnergies);
}
