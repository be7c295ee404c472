/** The config's shape, its defaults and its limits: one zod schema, from which the JSON Schema is made as well. */
import * as z from "zod/mini";
import type { Projection } from "../projection/projection.js";
import { objectiveSchema } from "./objective-schema.js";
import { matrixData, projectionSchema } from "./projection-schema.js";
import { about, orElse } from "./schema-words.js";

const exponent = about(z.number().check(z.gt(-2)), "Exponent s > −2 of the Riesz potential; 0 is logarithmic.");
const potential = z.discriminatedUnion("kind", [
  about(
    z.strictObject({
      kind: z.literal("riesz"),
      s: exponent,
      distance: orElse(z.enum(["chordal", "angular"]), "chordal"),
    }),
    "Riesz potential of the chord or of the angle.",
  ),
  about(z.strictObject({ kind: z.literal("gaussian"), t: z.number().check(z.positive()) }), "exp(−t·‖x_i − x_j‖²)"),
  about(z.strictObject({ kind: z.literal("frame"), p: z.number().check(z.minimum(2)) }), "|⟨x_i, x_j⟩|^p, p ≥ 2."),
]);
const space = z.enum(["full", "half"]);

/** Everything but a projection of the user's own, which isn't data. */
export const energyData = z.strictObject({
  potential: orElse(potential, { kind: "riesz", s: 2, distance: "chordal" }),
  objective: about(z.optional(objectiveSchema), "An objective of others, instead of a potential."),
  space: orElse(space, "full"),
  projection: orElse(projectionSchema, { kind: "none" }),
  separationFloor: about(
    orElse(z.number().check(z.minimum(0), z.maximum(1)), 0.01),
    "δ, a chord: closer pairs continue along the tangent. 0 asks for the bare formula.",
  ),
  normEpsilon: about(orElse(z.number().check(z.minimum(0)), 0), "ε of ρ = √(‖w‖² + ε)."),
  sample: about(
    z.optional(z.int().check(z.minimum(2))),
    "Rows of which each evaluation takes the energy, drawn anew; left out: all.",
  ),
});

/** Where a potential and a space are asked for by themselves, and have no default. */
export const potentialAndSpace = z.strictObject({ potential, space });

/** What has kinds, and is told by them. */
export const unions = { potential, objective: objectiveSchema, projection: projectionSchema } as const;

export const projectionKinds = projectionSchema.def.options.map((option) => option.shape.kind.def.values[0]!);

/** Whether a projection is an object of the user's own. */
export function isOwnProjection(value: unknown): value is Projection {
  const candidate = value as Partial<Projection> | null | undefined;
  return typeof candidate?.prepare === "function" && typeof candidate.compose === "function";
}

/** JSON Schema (draft 2020-12) of the config, for editors and for validation outside JavaScript. */
export function energyJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(energyData, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === (matrixData as unknown))
        Object.assign(jsonSchema, { type: "array", items: { type: "number" } });
    },
  }) as Record<string, unknown>;
}
