/** What is compared in every regime. An arm's strength is chosen on validation rows, on top of the tuned weight decay. */
import type { EnergyConfig } from "@comhe/core";
import type { Regime, Settings } from "../regimes/regime.js";

export const ARMS = ["none", "weight-decay", "orthogonality", "mhe", "half-space-mhe", "random-comhe"] as const;
export type ArmName = (typeof ARMS)[number];

/** With orthogonality the arms whose weight is swept. */
export const SWEPT = ["orthogonality", "mhe", "half-space-mhe", "random-comhe"] as const;
export type SweptArm = (typeof SWEPT)[number];

/** Those that `suggestWeight` is asked about. */
export const ENERGY_ARMS = ["mhe", "half-space-mhe", "random-comhe"] as const satisfies readonly SweptArm[];

/** Half space, as the authors have it; full space where points are embeddings, for which opposite ones are apart. */
export function labelOf(
  arm: ArmName,
  { orthogonalityLabel = "orthogonality" }: Pick<Regime, "orthogonalityLabel">,
): string {
  const labels: Record<ArmName, string> = {
    none: "none",
    "weight-decay": "weight decay",
    orthogonality: orthogonalityLabel,
    mhe: "MHE",
    "half-space-mhe": "half-space MHE",
    "random-comhe": "random CoMHE",
  };
  return labels[arm];
}

export type ProjectionSize = readonly [dimension: number, count: number];

/** The arm's settings at a strength; `size`: of random projections. */
export function settingsOf(arm: SweptArm, base: Settings, strength: number, size: ProjectionSize): Settings {
  if (arm === "orthogonality") return { ...base, orthogonality: strength };
  return { ...base, energy: energyOf(arm, size), weight: strength };
}

export function energyOf(arm: Exclude<SweptArm, "orthogonality">, [dimension, count]: ProjectionSize): EnergyConfig {
  if (arm === "mhe") return { space: "full" };
  if (arm === "half-space-mhe") return { space: "half" };
  return { space: "half", projection: { kind: "random", dimension, count } };
}
