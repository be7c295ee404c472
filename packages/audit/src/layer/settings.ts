/** What an audit is asked for. */
import type { PotentialSpec } from "@comhe/core";

/** Which energies an audit takes, and what it may cost. Plain JSON. */
export interface AuditSettings {
  /** The energy that scores are of, without projection. */
  readonly spec: PotentialSpec;
  /** Its projection: what the projected energy is of; `null`: none is taken. */
  readonly projected: PotentialSpec | null;
  /** Milliseconds for the energies of a layer, all together; `null`: no limit. */
  readonly budget: number | null;
  /** Or pairs for each of them; `null`: a time, or all pairs. */
  readonly pairs: number | null;
  /** Fixes samples and projections: a whole number ≥ 0. */
  readonly seed: number;
}
