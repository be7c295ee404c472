/** What is compared. Each arm's settings are chosen by `tune`, on validation rows, by the same rule for all. */
import { fileURLToPath } from "node:url";
import type { EnergyConfig } from "@comhe/core";
import { type ArmInfo, readJson, UserError } from "@comhe-examples/study-kit";

export interface ArmSettings {
  readonly weightDecay: number;
  readonly weight: number;
}

export interface Arm extends ArmInfo {
  readonly energy: EnergyConfig | undefined;
  readonly tuned: ArmSettings;
}

export const TUNING_FILE = fileURLToPath(new URL("../tuning.json", import.meta.url));

export const WEIGHT_DECAYS = [1e-4, 1e-3, 3e-3];
export const ENERGY_WEIGHTS = [0.3, 1, 3];

interface Kind {
  readonly name: string;
  readonly label: string;
  readonly energy: EnergyConfig | undefined;
}

export const KINDS: readonly Kind[] = [
  { name: "none", label: "weight decay alone", energy: undefined },
  { name: "mhe", label: "MHE", energy: { space: "full" } },
  { name: "half-space-mhe", label: "half-space MHE", energy: { space: "half" } },
  {
    name: "random-comhe",
    label: "random-projection CoMHE",
    energy: { space: "full", projection: { kind: "random", dimension: 30, count: 5 } },
  },
];

/** @throws UserError where tuning.json isn't whole */
export function loadArms(file = TUNING_FILE): Arm[] {
  const { chosen } = (readJson(file) ?? {}) as { chosen?: Record<string, Partial<ArmSettings> | undefined> };
  const isSize = (value: unknown): value is number => typeof value === "number" && value >= 0;
  return KINDS.map((kind) => {
    const { weightDecay, weight } = chosen?.[kind.name] ?? {};
    if (!isSize(weightDecay) || !isSize(weight)) {
      throw new UserError(`${file}: expected a weightDecay and a weight for "${kind.name}"; run tune again.`);
    }
    return armOf(kind, { weightDecay, weight });
  });
}

export function armOf({ name, label, energy }: Kind, tuned: ArmSettings): Arm {
  const settings = `weight decay ${tuned.weightDecay}${energy === undefined ? "" : `, weight ${tuned.weight}`}`;
  return { name, label, role: energy === undefined ? "baseline" : "energy", settings, energy, tuned };
}
