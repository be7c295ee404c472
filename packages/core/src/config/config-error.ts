/** What the validator found, said as this project says it: where, what was expected, what was got, what to write instead. */
import type { $ZodIssue } from "zod/v4/core";
import { EnergyError } from "../errors/energy-error.js";
import { matrixBatch } from "./projection-schema.js";
import { energyData, unions } from "./schema.js";

/** @returns EnergyError `invalid-config`, a line for each issue */
export function configError(issues: readonly $ZodIssue[], config: unknown): EnergyError {
  return new EnergyError("invalid-config", issues.map((issue) => describe(issue, config)).join("\n"), {
    path: issues[0]?.path.join("."),
    issues,
  });
}

function describe(issue: $ZodIssue, config: unknown): string {
  const path = issue.path.join(".");
  const where = path === "" ? "config" : path;
  const got = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null)?.[key], config);
  if (issue.code === "unrecognized_keys") {
    const keys = issue.keys.map((key) => `"${key}"`).join(", ");
    return `${where}: unknown key ${keys}, expected ${keysAt(issue.path, got).join(", ")}.`;
  }
  if (issue.code === "invalid_union" && issue.discriminator) {
    const kind = (got as { kind?: unknown } | undefined)?.kind;
    const parent = issue.path.at(-1) === "kind" ? issue.path.slice(0, -1).join(".") : path;
    const known = kindsOf(parent);
    return `${where}: expected one of ${known}, got ${show(kind ?? got)}.`;
  }
  const isKind = typeof got === "string" && isUnion(path) && kindsOf(path).split(", ").includes(show(got));
  const hint = isKind ? ` Write { kind: ${show(got)} }.` : "";
  return `${where}: expected ${expectation(issue, got)}, got ${show(got)}.${hint}`;
}

/** In plain English; the validator's own words, which are a hundred kilobytes in all languages, aren't loaded. */
function expectation(issue: $ZodIssue, got: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      return typeof got === "number" && issue.expected === "number"
        ? "a finite number"
        : (names[issue.expected] ?? issue.expected);
    case "invalid_value":
      return `one of ${issue.values.map(show).join("|")}`;
    case "too_small":
      return `${bounded(issue.origin)} ${issue.inclusive ? "≥" : ">"} ${issue.minimum}`;
    case "too_big":
      return `${bounded(issue.origin)} ${issue.inclusive ? "≤" : "<"} ${issue.maximum}`;
    default:
      // What this project's own schemas say.
      return issue.message.replace(/^expected /, "");
  }
}

const names: Readonly<Record<string, string>> = {
  number: "a number",
  int: "a whole number",
  object: "an object",
  array: "an array",
  boolean: "true or false",
  string: "a string",
};

function bounded(origin: string): string {
  return names[origin] ?? names.number!;
}

type UnionName = keyof typeof unions;

function isUnion(path: string): path is UnionName {
  return Object.hasOwn(unions, path);
}

/** The kinds that a potential, an objective or a projection may have, with their keys. */
function optionsAt(path: UnionName) {
  return unions[path].def.options;
}

function kindsOf(path: string): string {
  return optionsAt(isUnion(path) ? path : "projection")
    .map((option) => `"${option.shape.kind.def.values[0]}"`)
    .join(", ");
}

/** The keys that the object at this path may have. */
function keysAt(path: readonly PropertyKey[], got: unknown): readonly string[] {
  if (path.length === 0) return Object.keys(energyData.shape);
  const top = String(path[0]);
  // What lies deeper are matrices.
  if (path.length > 1 || !isUnion(top)) return Object.keys(matrixBatch.shape);
  const { kind } = got as { readonly kind: unknown };
  return Object.keys(optionsAt(top).find((option) => option.shape.kind.def.values[0] === kind)?.shape ?? {});
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value);
  if (typeof value === "bigint") return `${value}n`;
  const text = asJson(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** `undefined` where there is none: of symbols and functions, of what holds itself or a bigint. */
function asJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
