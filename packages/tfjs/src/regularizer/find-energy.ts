/** Hyperspherical energy inside whatever regularizer a layer has. */
import { SumRegularizer } from "./combine-regularizers.js";
import { HypersphericalEnergy } from "./hyperspherical-energy.js";
import type { LayerRegularizer } from "./regularizer-base.js";

/** The regularizer itself, or the first one within a sum. */
export function findEnergy(regularizer: LayerRegularizer | undefined): HypersphericalEnergy | undefined {
  if (regularizer instanceof HypersphericalEnergy) return regularizer;
  if (!(regularizer instanceof SumRegularizer)) return undefined;
  for (const part of regularizer.regularizers) {
    const found = findEnergy(part);
    if (found) return found;
  }
  return undefined;
}
