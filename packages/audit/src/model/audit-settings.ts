/** Which energies an audit takes where nobody says otherwise, and how a config becomes settings. */
import { defineEnergy, type EnergyConfig, EnergyError, type EnergySpec, type PotentialSpec } from "@comhe/core";
import type { AuditSettings } from "../layer/settings.js";

/** Energies of lines in ℝᵈ as the authors use them for hidden layers, and their projected energy. */
const defaults: EnergyConfig = { space: "half", projection: { kind: "random", dimension: 30, count: 5, refresh: 0 } };

/** How many pairs, and which. */
export interface Sampling {
  /** Milliseconds for each layer. `null`: no limit, unless `pairs` is one. */
  readonly budget: number | null;
  /** Pairs for each energy of a layer, instead of a time. */
  readonly pairs: number | null;
  /** A whole number ≥ 0 that fixes samples and projections. */
  readonly seed: number;
}

/**
 * @param config an energy of pairs; its projection is what the projected energy is of
 * @throws EnergyError `invalid-config`; `unsupported` for an objective, which has no scale of scores
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
