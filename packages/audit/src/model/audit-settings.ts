/** Which energies an audit takes where nobody says otherwise, and how a config becomes settings. */
import { defineEnergy, type EnergyConfig, EnergyError, type EnergySpec, type PotentialSpec } from "@comhe/core";
import type { AuditSettings } from "../layer/settings.js";

/** Energies of lines in ℝᵈ as the authors use them for hidden layers, and their projected energy. */
const defaults: EnergyConfig = { space: "half", projection: { kind: "random", dimension: 30, count: 5, refresh: 0 } };

/** How many pairs of a layer are evaluated, and which. */
export interface Sampling {
  /** How many milliseconds the energies of a layer may take; `null`: there is no limit, unless `pairs` is one. Default 20,000. */
  readonly budget: number | null;
  /** How many pairs are evaluated for each energy of a layer, instead of a time. Default `null`: as many as `budget` allows. */
  readonly pairs: number | null;
  /** A whole number ≥ 0 that fixes samples and random projections. Default 0. */
  readonly seed: number;
}

/**
 * Makes the settings of an audit from a config.
 *
 * @param config an energy of pairs, whose projection is what the projected energy is of; default: half space, Riesz s = 2, five random projections to
 *   30 dimensions
 * @throws EnergyError `invalid-config` for a wrong config; `unsupported` for an objective, which has no scale of scores
 */
export function auditSettings(
  config: EnergyConfig | EnergySpec = defaults,
  { budget = 20_000, pairs = null, seed = 0 }: Partial<Sampling> = {},
): AuditSettings {
  const spec = defineEnergy(config, { warn: () => {} });
  if (!spec.potential) {
    throw new EnergyError(
      "unsupported",
      `expected a potential, got the objective "${spec.objective.kind}", which has no scale of scores.`,
      { path: "objective" },
    );
  }
  const plain = defineEnergy({ ...spec, projection: { kind: "none" } }) as PotentialSpec;
  const projected = "kind" in spec.projection && spec.projection.kind === "none" ? null : (spec as PotentialSpec);
  return { spec: plain, projected, budget: pairs === null ? budget : null, pairs, seed };
}
