/**
 * Arms are data: `arms.json` holds the ones shown, `tuning.json` the values chosen for them on validation rows, and a
 * file given by `--config` adds arms or changes them. A new strategy of core is a new arm by nothing but its config.
 */
import { existsSync } from "node:fs";
import { basename, extname } from "node:path";
import { defineEnergy, type EnergyConfig, EnergyError } from "@comhe/core";
import { type ArmInfo, checkJson, ROLES, readJson, selectArms } from "@comhe-examples/study-kit";
import { UserError } from "@comhe-examples/study-kit/worker";
import { z } from "zod";
import { regime } from "./regime.js";

const grid = z.array(z.number().nonnegative()).min(1).optional();

const settings = {
  learningRate: z.number().positive().optional(),
  weightDecay: z.number().nonnegative().optional(),
  /** Weight of ‖WWᵀ − I‖² of each hidden layer. */
  orthogonality: z.number().nonnegative().optional(),
  /** Weight of the energy of each hidden layer. */
  weight: z.number().nonnegative().optional(),
};

const armSchema = z.strictObject({
  label: z.string().min(1).optional(),
  role: z.enum(ROLES).optional(),
  ...settings,
  /** Core's energy config, passed on as it is. */
  energy: z.record(z.string(), z.unknown()).optional(),
  batchNorm: z.boolean().optional(),
  /** Left out unless asked for by name or by "all". */
  onRequest: z.boolean().optional(),
  initializer: z.enum(["he", "orthogonal"]).optional(),
  /** Values to try by `tune`: the strength's first, then the learning rate's. */
  tune: z.strictObject({ learningRate: grid, weightDecay: grid, orthogonality: grid, weight: grid }).optional(),
});

const armsFileSchema = z.strictObject({ arms: z.record(z.string(), armSchema) });

const tuningFileSchema = z.object({ chosen: z.record(z.string(), z.strictObject(settings)) });

type ArmInput = z.infer<typeof armSchema>;
export type TunedSettings = z.infer<typeof tuningFileSchema>["chosen"][string];

/** What training needs to know of an arm. */
export interface ArmConfig {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly orthogonality?: number | undefined;
  readonly energy?: EnergyConfig | undefined;
  /** Only with an energy. */
  readonly weight: number;
  readonly batchNorm: boolean;
  readonly initializer: "he" | "orthogonal";
}

export interface Arm extends ArmInfo {
  readonly config: ArmConfig;
  readonly onRequest: boolean;
  /** What `tune` goes through, one setting after the other; none: not tuned. */
  readonly sweeps: readonly Sweep[];
}

/** One setting and the values to try for it, while the others stay as they are. */
export interface Sweep {
  readonly setting: keyof TunedSettings;
  /** Ascending. */
  readonly values: readonly number[];
}

export interface ArmFiles {
  readonly armsFile: string;
  readonly tuningFile: string;
  /** The user's own, by `--config`. */
  readonly configFile?: string | undefined;
}

/** @throws UserError that names the file and the path in it. */
export function loadArms({ armsFile, tuningFile, configFile }: ArmFiles): Arm[] {
  const shown = checkJson(armsFileSchema, readJson(armsFile), armsFile).arms;
  const chosen = existsSync(tuningFile) ? checkJson(tuningFileSchema, readJson(tuningFile), tuningFile).chosen : {};
  const own = configFile === undefined ? {} : readConfig(configFile);
  const names = new Set([...Object.keys(shown), ...Object.keys(own)]);
  return [...names].map((name) =>
    completeArm(name, { ...shown[name], ...chosen[name], ...own[name] }, name in own ? configFile! : armsFile),
  );
}

/**
 * The arms of `--arms`: without it those that aren't on request, which a few minutes are enough for; `all`: every one.
 *
 * @throws UserError for an unknown name
 */
export function chooseArms(arms: readonly Arm[], names: readonly string[] | undefined): Arm[] {
  if (names?.length === 1 && names[0] === "all") return [...arms];
  return selectArms(names ? arms : arms.filter(({ onRequest }) => !onRequest), names);
}

/** The arm with other values for what is tuned. */
export function withSettings(config: ArmConfig, tuned: TunedSettings): ArmConfig {
  return { ...config, ...tuned } as ArmConfig;
}

/**
 * A config file holds `{ "arms": { name: … } }`, or is one energy as core takes it, with its `weight`: an arm named after
 * the file.
 */
function readConfig(file: string): Record<string, ArmInput> {
  const content = readJson(file);
  if (typeof content === "object" && content !== null && !("arms" in content)) {
    const { weight, ...energy } = content as Record<string, unknown>;
    const name = basename(file, extname(file));
    return checkJson(
      armsFileSchema,
      { arms: { [name]: { energy, ...(weight === undefined ? {} : { weight }) } } },
      file,
    ).arms;
  }
  return checkJson(armsFileSchema, content, file).arms;
}

function completeArm(name: string, input: ArmInput, file: string): Arm {
  const energy = input.energy === undefined ? undefined : checkEnergy(input.energy, `${file}: arms.${name}.energy`);
  if (energy !== undefined && input.weight === undefined) {
    throw new UserError(
      `${file}: arms.${name}.weight: expected a number that the energy is multiplied with, got nothing. ` +
        "The energy is a mean over pairs, so useful weights are large: 10 to 1000.",
    );
  }
  if (energy === undefined && input.weight !== undefined) {
    throw new UserError(`${file}: arms.${name}.weight: there is no energy to weigh. Add "energy", or remove "weight".`);
  }
  const config: ArmConfig = {
    learningRate: input.learningRate ?? regime.learningRate,
    weightDecay: input.weightDecay ?? regime.weightDecay,
    orthogonality: input.orthogonality,
    energy,
    weight: input.weight ?? 0,
    batchNorm: input.batchNorm ?? false,
    initializer: input.initializer ?? "he",
  };
  return {
    name,
    label: input.label ?? name,
    role: input.role ?? (energy === undefined ? "neighbour" : "energy"),
    settings: describeSettings(config),
    config,
    onRequest: input.onRequest ?? false,
    sweeps: sweepsOf(input.tune ?? {}),
  };
}

/** As it was written, so that a run's record shows what the user gave. */
function checkEnergy(energy: Record<string, unknown>, where: string): EnergyConfig {
  try {
    defineEnergy(energy as EnergyConfig);
  } catch (error) {
    if (error instanceof EnergyError) throw new UserError(`${where}: ${error.message}`);
    throw error;
  }
  return energy as EnergyConfig;
}

export function describeSettings(config: ArmConfig): string {
  const parts = [
    config.energy === undefined ? undefined : `energy weight ${config.weight} per hidden layer`,
    config.orthogonality === undefined ? undefined : `orthogonality weight ${config.orthogonality} per hidden layer`,
    `learning rate ${config.learningRate}`,
    `weight decay ${config.weightDecay}`,
    config.batchNorm ? "batch normalization after each hidden layer" : undefined,
    config.initializer === "orthogonal" ? "orthogonal initial weights" : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

/** An arm's strength comes before its learning rate. */
const sweepOrder = ["weightDecay", "orthogonality", "weight", "learningRate"] as const;

function sweepsOf(tune: NonNullable<ArmInput["tune"]>): Sweep[] {
  return sweepOrder.flatMap((setting) => {
    const values = tune[setting];
    return values === undefined ? [] : [{ setting, values: [...values].sort((a, b) => a - b) }];
  });
}
