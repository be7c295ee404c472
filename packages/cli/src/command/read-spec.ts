/** The energies of an audit, from the config that `--spec` names. */
import { readFileSync } from "node:fs";
import { type AuditSettings, auditSettings } from "@comhe/audit";
import { type EnergyConfig, EnergyError } from "@comhe/core";
import type { Sampling } from "./audit-options.js";
import { UsageError } from "./exit-code.js";
import { stripComments } from "./starter-config.js";

/** @throws UsageError that names the file */
export function settingsOf(file: string | undefined, { budget, pairs, seed }: Sampling): AuditSettings {
  const sampling = { budget: budget ?? null, pairs: pairs ?? null, seed };
  if (file === undefined) return auditSettings(undefined, sampling);
  const config = readConfig(file);
  try {
    return auditSettings(config, sampling);
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
  let value: unknown;
  try {
    value = JSON.parse(stripComments(text));
  } catch (error) {
    throw new UsageError(
      `--spec ${file}: expected JSON (${(error as Error).message}). \`comhe init\` writes a config to begin with.`,
    );
  }
  // A number, a text or an empty list has no keys, and would pass for a config of defaults.
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UsageError(
      `--spec ${file}: expected an object such as {"space": "half"}, got ${text.trim().slice(0, 40)}.`,
    );
  }
  const { $schema: _, ...config } = value as Record<string, unknown>;
  return config as EnergyConfig;
}
