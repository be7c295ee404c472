/** The config's shape, its defaults and its limits: one schema, from which the JSON Schema is made as well. */
import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import type { Projection } from "../projection/projection.js";
import { objectiveSchema } from "./objective-schema.js";
import { projectionSchema } from "./projection-schema.js";
import { about, orElse, real, whole } from "./schema-words.js";

const exponent = about(real(v.gtValue(-2)), "Exponent s > −2 of the potential r^(−s); at 0 it is −log r.");
const potential = v.variant("kind", [
  about(
    v.strictObject({
      kind: v.literal("riesz"),
      s: exponent,
      distance: about(
        orElse(v.picklist(["chordal", "angular"]), "chordal"),
        "The distance r of two directions: the straight line between them, or their angle in radians.",
      ),
    }),
    "Riesz potential r^(−s) of the distance r between two directions.",
  ),
  about(
    v.strictObject({ kind: v.literal("gaussian"), t: about(real(v.gtValue(0)), "t > 0 in the exponent.") }),
    "Gaussian potential exp(−t·‖x_i − x_j‖²).",
  ),
  about(
    v.strictObject({ kind: v.literal("frame"), p: about(real(v.minValue(2)), "Exponent p ≥ 2.") }),
    "Frame potential |⟨x_i, x_j⟩|^p of the cosine of two directions.",
  ),
]);
const space = v.picklist(["full", "half"]);

/** Everything but a projection of the user's own, which isn't data. */
export const energyData = v.strictObject({
  potential: about(
    orElse(potential, { kind: "riesz", s: 2, distance: "chordal" }),
    "What a pair of neurons adds to the energy, as a function of their distance.",
  ),
  objective: about(
    v.optional(objectiveSchema),
    "What another paper minimizes to spread neurons, instead of a potential.",
  ),
  space: about(
    orElse(space, "full"),
    "Whether neurons stand for points (full) or for lines through the origin (half).",
  ),
  projection: about(
    orElse(projectionSchema, { kind: "none" }),
    "The projection to few dimensions in which the energy is taken.",
  ),
  separationFloor: about(
    orElse(real(v.minValue(0), v.maxValue(1)), 0.01),
    "A chord: pairs that are closer continue along the potential's tangent, so that the energy stays finite. 0 asks for the bare formula.",
  ),
  normEpsilon: about(orElse(real(v.minValue(0)), 0), "ε of √(‖w‖² + ε), by which each neuron w is divided."),
  sample: about(
    v.optional(whole(v.minValue(2))),
    "How many neurons each evaluation takes, drawn anew, to estimate the energy of all; left out: all of them.",
  ),
});

/** Where a potential and a space are asked for by themselves, and have no default. */
export const potentialAndSpace = v.strictObject({ potential, space });

/** What has kinds, and is told by them. */
export const unions = { potential, objective: objectiveSchema, projection: projectionSchema } as const;

export const projectionKinds = projectionSchema.options.map(({ entries }) => entries.kind.literal);

/** Whether a projection is an object of the user's own. */
export function isOwnProjection(value: unknown): value is Projection {
  const candidate = value as Partial<Projection> | null | undefined;
  return typeof candidate?.prepare === "function" && typeof candidate.compose === "function";
}

/** JSON Schema (draft 2020-12) of the config, for editors and for validation outside JavaScript. */
export function energyJsonSchema(): Record<string, unknown> {
  return toJsonSchema(energyData, {
    target: "draft-2020-12",
    typeMode: "input",
    // JSON has finite numbers alone.
    ignoreActions: ["finite"],
    overrideSchema: ({ valibotSchema: { type, ...schema }, jsonSchema }) => {
      if (type === "custom") return { type: "array", items: { type: "number" } };
      if (type === "literal") return { ...jsonSchema, type: "string" };
      if (type === "strict_tuple") return { ...jsonSchema, maxItems: (schema as { items?: unknown[] }).items?.length };
      return undefined;
    },
  }) as Record<string, unknown>;
}
