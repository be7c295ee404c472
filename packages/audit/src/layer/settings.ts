/** What an audit is asked for. */
import type { PotentialSpec } from "@comhe/core";

/** Which energies an audit takes, and what it may cost. Plain JSON. */
export interface AuditSettings {
  /** The energy that scores are of, without a projection. */
  readonly spec: PotentialSpec;
  /** The same energy with the projection that the projected energy is of; `null`: no projected energy is taken. */
  readonly projected: PotentialSpec | null;
  /** How many milliseconds the energies of a layer may take, all together; `null`: there is no limit, unless `pairs` is one. */
  readonly budget: number | null;
  /** How many pairs are evaluated for each energy of a layer, instead of a time; `null`: the time limits, or all pairs are. */
  readonly pairs: number | null;
  /** A whole number ≥ 0 that fixes samples and random projections. */
  readonly seed: number;
}
