/** Arms are data: `arms.json` says what they spread with, `tuning.json` the weights chosen for them on validation rows. */
import { existsSync } from "node:fs";
import { defineEnergy, type EnergyConfig, EnergyError } from "@comhe/core";
import { type ArmInfo, checkJson, ROLES, readJson } from "@comhe-examples/study-kit";
import { UserError } from "@comhe-examples/study-kit/worker";
import { z } from "zod";
import { DIMENSIONS } from "./regime.js";
import type { Spreading } from "./spread.js";

const byDimension = z.record(z.string(), z.number().positive());

const armSchema = z.strictObject({
  label: z.string(),
  role: z.enum(ROLES),
  energy: z.record(z.string(), z.unknown()).optional(),
  covariance: z.literal(true).optional(),
  /** k of random projections, for each dimension of the embedding. */
  projectTo: byDimension.optional(),
});

const armsFileSchema = z.strictObject({ arms: z.record(z.string(), armSchema), tune: z.array(z.number().positive()) });
const tuningFileSchema = z.object({ chosen: z.record(z.string(), byDimension) });

export interface Arm extends ArmInfo {
  readonly spreading: Spreading;
  readonly weight: number;
}

/** @throws UserError that names the file and the path in it */
export function loadArms(armsFile: string, tuningFile: string, dimension: number): Arm[] {
  const { arms } = checkJson(armsFileSchema, readJson(armsFile), armsFile);
  const chosen = existsSync(tuningFile) ? checkJson(tuningFileSchema, readJson(tuningFile), tuningFile).chosen : {};
  return Object.entries(arms).map(([name, { label, role, energy, covariance, projectTo }]) => {
    // A dimension that nobody has tuned takes the weights of the first one.
    const weight = chosen[name]?.[dimension] ?? chosen[name]?.[DIMENSIONS[0]] ?? 1;
    const spreading: Spreading = covariance
      ? "covariance"
      : energy
        ? { energy: checkEnergy(projected(energy, projectTo?.[dimension]), `${armsFile}: arms.${name}.energy`) }
        : null;
    return {
      name,
      label,
      role,
      settings: spreading === null ? "alignment alone" : `weight ${weight}`,
      spreading,
      weight,
    };
  });
}

/** The weights that `tune` tries. */
export function weightsToTry(armsFile: string): readonly number[] {
  return checkJson(armsFileSchema, readJson(armsFile), armsFile).tune;
}

function projected(energy: Record<string, unknown>, dimension: number | undefined): Record<string, unknown> {
  if (dimension === undefined) return energy;
  return { ...energy, projection: { ...(energy.projection as object), dimension } };
}

function checkEnergy(energy: Record<string, unknown>, where: string): EnergyConfig {
  try {
    defineEnergy(energy as EnergyConfig, { warn: () => undefined });
  } catch (error) {
    if (error instanceof EnergyError) throw new UserError(`${where}: ${error.message}`);
    throw error;
  }
  return energy as EnergyConfig;
}
