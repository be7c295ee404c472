/** The energies of an audit, from the config that `--spec` names. */
import { readFileSync } from "node:fs";
import { defineEnergy, type EnergyConfig, EnergyError, type EnergySpec, type PotentialSpec } from "@comhe/core";
import type { AuditSettings } from "../audit/audit-layer.js";
import type { Sampling } from "./audit-options.js";
import { UsageError } from "./exit-code.js";
import { stripComments } from "./starter-config.js";

/** Energies of lines in ℝᵈ as the authors use them for hidden layers, and their projected energy. */
const defaults: EnergyConfig = { space: "half", projection: { kind: "random", dimension: 30, count: 5, refresh: 0 } };

/** @throws UsageError, EnergyError `invalid-config` */
export function auditSettings(file: string | undefined, sampling: Sampling): AuditSettings {
  const spec = file === undefined ? defineEnergy(defaults) : readSpec(file);
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

/** @throws UsageError that names the file */
function readSpec(file: string): EnergySpec {
  const config = readConfig(file);
  try {
    return defineEnergy(config, { warn: () => {} });
  } catch (error) {
    if (!EnergyError.isInstance(error)) throw error;
    throw new UsageError(`--spec ${file}: ${error.message}`);
  }
}

function readConfig(file: string): EnergyConfig {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`--spec ${file}: can't be read (${code === "ENOENT" ? "there is no such file" : message}).`);
  }
  try {
    const { $schema: _, ...config } = JSON.parse(stripComments(text));
    return config as EnergyConfig;
  } catch (error) {
    throw new UsageError(
      `--spec ${file}: expected JSON (${(error as Error).message}). \`comhe init\` writes a config to begin with.`,
    );
  }
}
