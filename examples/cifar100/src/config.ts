/** What tells runs apart, as data: a config file is a label and the options of `regularizeModel`, or none of them. */
import { basename, extname } from "node:path";
import { EnergyError } from "@comhe/core";
import type { RegularizeModelOptions } from "@comhe/tfjs";
import { type ArmInfo, checkJson, ROLES, readJson } from "@comhe-examples/study-kit";
import { UserError } from "@comhe-examples/study-kit/worker";
import { z } from "zod";
import { Trainer } from "./training/trainer.js";

const configSchema = z.strictObject({
  label: z.string().min(1).optional(),
  role: z.enum(ROLES).optional(),
  /** Passed on as it is: `regularizeModel` knows what is right. */
  regularize: z.record(z.string(), z.unknown()).optional(),
});

export interface RunConfig extends ArmInfo {
  readonly regularize: RegularizeModelOptions | undefined;
}

/** @throws UserError that names the file and what is wrong in it */
export function loadConfig(file: string, width: number): RunConfig {
  const { label, role, regularize } = checkJson(configSchema, readJson(file), file);
  const name = basename(file, extname(file));
  if (regularize) checkRegularizers(regularize, width, file);
  return {
    name,
    label: label ?? name,
    role: role ?? (regularize ? "energy" : "baseline"),
    settings: regularize ? JSON.stringify(regularize) : "weight decay alone",
    regularize,
  };
}

/** On a network of its own: only there do configs meet the shapes they must fit. */
function checkRegularizers(regularize: RegularizeModelOptions, width: number, file: string): void {
  try {
    new Trainer({ regularize, seed: 0, width, steps: 1 }).dispose();
  } catch (error) {
    if (EnergyError.isInstance(error)) throw new UserError(`${file}: regularize: ${error.message}`);
    throw error;
  }
}
