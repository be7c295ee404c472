/** From flags to what an audit needs. */
import { readFileSync } from "node:fs";
import { defineEnergy, type EnergyConfig, type Layout, type PotentialSpec } from "@comhe/core";
import picomatch from "picomatch";
import type { AuditSettings } from "../audit/audit-layer.js";
import type { LayerSource } from "../files/model-file.js";
import { UsageError } from "./exit-code.js";
import { stripComments } from "./starter-config.js";

export interface SharedFlags {
  readonly backend: string;
  readonly spec?: string;
  readonly layer: readonly string[];
  readonly layout: readonly string[];
  readonly budget: string;
  readonly pairs?: string;
  readonly seed: string;
  readonly format: "table" | "json" | "csv" | "md";
  readonly html?: string;
}

/** Energies of lines in ℝᵈ as the authors use them for hidden layers, and their projected energy. */
const defaults: EnergyConfig = { space: "half", projection: { kind: "random", dimension: 30, count: 5, refresh: 0 } };

/** @throws UsageError, EnergyError `invalid-config` */
export function auditSettings(flags: SharedFlags): AuditSettings {
  const spec = defineEnergy(flags.spec === undefined ? defaults : readConfig(flags.spec), { warn: () => {} });
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
    budget: flags.pairs === undefined ? parseTime(flags.budget) : undefined,
    pairs: flags.pairs === undefined ? undefined : wholeNumber("--pairs", flags.pairs, 100),
    seed: wholeNumber("--seed", flags.seed, 0),
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

/** `30s`, `2m`, `500ms`; milliseconds. `undefined` for `none`. */
export function parseTime(text: string): number | undefined {
  if (text === "none") return undefined;
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const time = match ? Number(match[1]) * units[match[2] as keyof typeof units] : 0;
  if (time > 0) return time;
  throw new UsageError(`--budget: expected a time such as 30s, 2m or 500ms, or none; got "${text}".`);
}

export function wholeNumber(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(`${flag}: expected a whole number of at least ${least}, got "${text}".`);
}

export function finiteNumber(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new UsageError(`${flag}: expected a number, got "${text}".`);
}

/** Layer names have slashes and dots, which a glob's `*` should pass: `conv*`, `*.weight`. */
export function layerFilter(globs: readonly string[]): (name: string) => boolean {
  if (globs.length === 0) return () => true;
  const matchers = globs.map(globMatcher);
  return (name) => matchers.some((matches) => matches(name));
}

export function layoutRules(rules: readonly string[]): (layer: LayerSource) => LayerSource {
  const parsed = rules.map((rule) => {
    const at = rule.lastIndexOf("=");
    const layout = rule.slice(at + 1);
    if (at < 1 || !["neurons-first", "neurons-last", "depthwise"].includes(layout)) {
      throw new UsageError(`--layout: expected glob=neurons-first, =neurons-last or =depthwise, got "${rule}".`);
    }
    return { matches: globMatcher(rule.slice(0, at)), layout: layout as Layout };
  });
  return (layer) => {
    const found = parsed.find(({ matches }) => matches(layer.name));
    return found ? { ...layer, layout: found.layout, note: undefined } : layer;
  };
}

function globMatcher(glob: string): (name: string) => boolean {
  // Slashes are letters like any other here.
  const plain = (text: string) => text.replaceAll("/", "\u0001");
  const matches = picomatch(plain(glob), { dot: true, nonegate: true, noextglob: true });
  return (name) => matches(plain(name));
}
