/** For what measures all rows, whatever an energy is trained with. */
import { defineEnergy } from "./define-energy.js";
import type { EnergySpec } from "./types.js";

/** The energy without `sample`. */
export function everyRow<S extends EnergySpec>(spec: S): S {
  if (spec.sample === undefined) return spec;
  // It was warned of when it was defined.
  return defineEnergy({ ...spec, sample: undefined }, { warn: () => {} }) as S;
}
