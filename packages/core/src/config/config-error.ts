/** What the validator found, said as this project says it: where, what was expected, what was got, what to write instead. */
import type { BaseIssue, GenericSchema } from "valibot";
import { EnergyError } from "../errors/energy-error.js";
import { matrixBatch } from "./projection-schema.js";
import { energyData, unions } from "./schema.js";

type Issue = BaseIssue<unknown>;

/** @returns EnergyError `invalid-config`, a line for each issue */
export function configError(issues: readonly Issue[]): EnergyError {
  const found = issues.map(describe);
  return new EnergyError("invalid-config", found.map(({ path, text }) => `${path || "config"}: ${text}.`).join("\n"), {
    path: found[0]!.path,
  });
}

/**
 * The validator takes an array for an object without keys, and so for a config of defaults.
 *
 * @throws EnergyError `invalid-config`
 */
export function refuseArrays(config: Readonly<Record<string, unknown>> | null): void {
  for (const path of ["", ...Object.keys(unions)]) {
    const value = path === "" ? config : config?.[path];
    if (!Array.isArray(value)) continue;
    const message = `${path || "config"}: expected an object, got ${show(value)}.`;
    throw new EnergyError("invalid-config", message, { path });
  }
}

/** Where it is, and what is wrong there. */
function describe(issue: Issue): { path: string; text: string } {
  const steps = issue.path ?? [];
  const keys = steps.map(({ key }) => String(key));
  const path = keys.join(".");
  const { input: holder } = steps.at(-1) ?? {};
  const got = show(issue.input);
  if (issue.type === "strict_object" && issue.expected === "never") {
    const parent = keys.slice(0, -1);
    const known = Object.keys(entriesAt(parent, holder));
    // The validator names the first one alone.
    const unknown = Object.keys(holder as object).filter((key) => !known.includes(key));
    const quoted = unknown.map((key) => `"${key}"`).join(", ");
    return { path: parent.join("."), text: `unknown key ${quoted}, expected ${known.join(", ")}` };
  }
  if (issue.type === "variant" && keys.at(-1) === "kind") {
    return { path, text: `expected one of ${kindsOf(keys.slice(0, -1).join("."))}, got ${got}` };
  }
  const isMissing = issue.type === "strict_object" && issue.expected === `"${keys.at(-1)}"`;
  const expected = isMissing ? expectedOf(entriesAt(keys.slice(0, -1), holder)[keys.at(-1)!]!) : expectation(issue);
  const isKind = typeof issue.input === "string" && isUnion(path) && kindsOf(path).split(", ").includes(got);
  return { path, text: `expected ${expected}, got ${got}${isKind ? `. Write { kind: ${got} }` : ""}` };
}

/** In plain English; the validator's own words speak of types. */
function expectation({ type, input, requirement, expected, message }: Issue): string {
  switch (type) {
    case "number":
    case "finite":
      return typeof input === "number" ? "a finite number" : names.number!;
    case "safe_integer":
      return Number.isInteger(input) ? `a whole number ≤ ${Number.MAX_SAFE_INTEGER}` : names.safe_integer!;
    case "min_value":
      return `a number ≥ ${requirement}`;
    case "max_value":
      return `a number ≤ ${requirement}`;
    case "gt_value":
      return `a number > ${requirement}`;
    case "picklist":
    case "literal":
      return `one of ${expected?.replace(/[() ]/g, "")}`;
    default:
      // Else what this project's own schemas say.
      return names[type] ?? message.replace(/^expected /, "");
  }
}

/** Of a value that isn't there the validator says no more than its key. */
function expectedOf(schema: GenericSchema): string {
  const { type, expects, message, wrapped } = schema as GenericSchema & { message?: string; wrapped?: GenericSchema };
  if (wrapped) return expectedOf(wrapped);
  return expectation({ type, expected: expects, message: message ?? expects } as Issue);
}

const names: Readonly<Record<string, string>> = {
  number: "a number",
  safe_integer: "a whole number",
  strict_object: "an object",
  variant: "an object",
  boolean: "true or false",
};

type UnionName = keyof typeof unions;

function isUnion(path: string): path is UnionName {
  return Object.hasOwn(unions, path);
}

/** The kinds that a potential, an objective or a projection may have. */
function kindsOf(path: string): string {
  return unions[isUnion(path) ? path : "projection"].options
    .map(({ entries }) => `"${entries.kind.literal}"`)
    .join(", ");
}

/** What the object at this path may hold. */
function entriesAt(path: readonly string[], holder: unknown): Readonly<Record<string, GenericSchema>> {
  const [top, ...deeper] = path;
  if (top === undefined) return energyData.entries;
  // What lies deeper are matrices.
  if (deeper.length > 0 || !isUnion(top)) return matrixBatch.entries;
  const { kind } = holder as { readonly kind: unknown };
  return unions[top].options.find(({ entries }) => entries.kind.literal === kind)!.entries;
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
