/**
 * Arms are data: an arm is the options of `regularizeModel`, or none. `arms.json` holds the ones shown, a file given by
 * `--config` adds arms or changes them.
 */
import { basename, extname } from "node:path";
import { EnergyError } from "@comhe/core";
import { type RegularizeModelOptions, regularizeModel } from "@comhe/tfjs";
import { type ArmInfo, checkJson, ROLES, readJson } from "@comhe-examples/study-kit";
import { UserError } from "@comhe-examples/study-kit/worker";
import { z } from "zod";
import { buildNetwork, disposeNetwork } from "./network.js";

const armSchema = z.strictObject({
  label: z.string().min(1).optional(),
  role: z.enum(ROLES).optional(),
  /** Passed on as it is: `regularizeModel` knows what is right. */
  regularize: z.record(z.string(), z.unknown()).optional(),
});

const armsFileSchema = z.strictObject({ arms: z.record(z.string(), armSchema) });

type ArmInput = z.infer<typeof armSchema>;

export interface Arm extends ArmInfo {
  readonly regularize: RegularizeModelOptions | undefined;
}

/** @throws UserError that names the file and the arm. */
export function loadArms(armsFile: string, configFile?: string): Arm[] {
  const shown = checkJson(armsFileSchema, readJson(armsFile), armsFile).arms;
  const own = configFile === undefined ? {} : readConfig(configFile);
  const names = new Set([...Object.keys(shown), ...Object.keys(own)]);
  return [...names].map((name) =>
    completeArm(name, { ...shown[name], ...own[name] }, name in own ? configFile! : armsFile),
  );
}

/**
 * A config file holds `{ "arms": { name: … } }`, or is one energy as core takes it, with its `weight`, for the hidden
 * layers: an arm named after the file.
 */
function readConfig(file: string): Record<string, ArmInput> {
  const content = readJson(file);
  const isEnergy = typeof content === "object" && content !== null && !("arms" in content);
  const name = basename(file, extname(file));
  const arms = isEnergy ? { arms: { [name]: { regularize: { hidden: content, output: false } } } } : content;
  return checkJson(armsFileSchema, arms, file).arms;
}

function completeArm(name: string, { label = name, role, regularize }: ArmInput, file: string): Arm {
  if (regularize) checkRegularizers(regularize, `${file}: arms.${name}.regularize`);
  return {
    name,
    label,
    role: role ?? (regularize ? "energy" : "neighbour"),
    settings: regularize ? JSON.stringify(regularize) : "weight decay alone",
    regularize,
  };
}

/** On a network of its own: only there do configs meet the shapes they must fit. */
function checkRegularizers(options: RegularizeModelOptions, where: string): void {
  const model = buildNetwork(0);
  try {
    for (const { regularizer } of regularizeModel(model, options).regularized) regularizer.dispose();
  } catch (error) {
    if (EnergyError.isInstance(error)) throw new UserError(`${where}: ${error.message}`);
    throw error;
  } finally {
    disposeNetwork(model);
  }
}
