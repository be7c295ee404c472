/** What the validator found, said as this project says it: where, what was expected, what was got, what to write instead. */
import type { $ZodIssue } from "zod/v4/core";
import { EnergyError } from "../errors/energy-error.js";
import { matrixBatch } from "./projection-schema.js";
import { energyData } from "./schema.js";

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
  return `${where}: expected ${expectation(issue.message)}, got ${show(got)}.${hint}`;
}

/** The validator's words, in plain English. */
function expectation(message: string): string {
  const bare = message.replace(/^(Invalid (input|option)|Too (small|big)): /, "").replace(/, received .*$/, "");
  return lowerFirst(bare)
    .replace(/^expected /, "")
    .replace(/^(number|int) to be ([<>]=?)/, (_, type, sign) => `${names[type]} ${signs[sign]} `)
    .replace(/^(number|int|object|array|boolean|string)$/, (type) => names[type]!);
}

const names: Readonly<Record<string, string>> = {
  number: "a number",
  int: "a whole number",
  object: "an object",
  array: "an array",
  boolean: "true or false",
  string: "a string",
};
const signs: Readonly<Record<string, string>> = { ">=": "≥", "<=": "≤", ">": ">", "<": "<" };

function isUnion(path: string): path is "potential" | "objective" | "projection" {
  return path === "potential" || path === "objective" || path === "projection";
}

/** The kinds that a potential, an objective or a projection may have. */
function optionsAt(path: "potential" | "objective" | "projection") {
  return energyData.shape[path].unwrap().options;
}

function kindsOf(path: string): string {
  return optionsAt(isUnion(path) ? path : "projection")
    .map((option) => `"${option.shape.kind.value}"`)
    .join(", ");
}

/** The keys that the object at this path may have. */
function keysAt(path: readonly PropertyKey[], got: unknown): readonly string[] {
  if (path.length === 0) return Object.keys(energyData.shape);
  const top = String(path[0]);
  // What lies deeper are matrices.
  if (path.length > 1 || !isUnion(top)) return Object.keys(matrixBatch.shape);
  const { kind } = got as { readonly kind: unknown };
  return Object.keys(optionsAt(top).find((option) => option.shape.kind.value === kind)?.shape ?? {});
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
