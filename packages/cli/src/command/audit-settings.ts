/** The energies of an audit, from the config that `--spec` names. */
import { readFileSync } from "node:fs";
import { defineEnergy, type EnergyConfig, type PotentialSpec } from "@comhe/core";
import type { AuditSettings } from "../audit/audit-layer.js";
import type { Sampling } from "./audit-options.js";
import { UsageError } from "./exit-code.js";
import { stripComments } from "./starter-config.js";

/** Energies of lines in ℝᵈ as the authors use them for hidden layers, and their projected energy. */
const defaults: EnergyConfig = { space: "half", projection: { kind: "random", dimension: 30, count: 5, refresh: 0 } };

/** @throws UsageError, EnergyError `invalid-config` */
export function auditSettings(file: string | undefined, sampling: Sampling): AuditSettings {
  const spec = defineEnergy(file === undefined ? defaults : readConfig(file), { warn: () => {} });
  if (!spec.potential) {
    throw new UsageError(
      `--spec: expected a potential, got the objective "${spec.objective.kind}", which has no scale of scores.`,
    );
  }
  const plain = defineEnergy({ ...spec, projection: { kind: "none" } }) as PotentialSpec;
  const projected = "kind" in spec.projection && spec.projection.kind === "none" ? undefined : (spec as PotentialSpec);
  return {
    spec: plain,
    projected,
    ...sampling,
  };
}

function readConfig(file: string): EnergyConfig {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`--spec ${file}: can't be read (${(error as Error).message}).`);
  }
  try {
    const { $schema: _, ...config } = JSON.parse(stripComments(text));
    return config as EnergyConfig;
  } catch (error) {
    throw new UsageError(`--spec ${file}: expected JSON (${(error as Error).message}).`);
  }
}
