/** The config's shape, its defaults and its limits: one zod schema, from which the JSON Schema is made as well. */
import * as z from "zod";
import type { Projection } from "../projection/projection.js";
import { objectiveSchema } from "./objective-schema.js";
import { matrixData, projectionSchema } from "./projection-schema.js";

const exponent = z.number().min(0).meta({ description: "Exponent s ≥ 0 of the Riesz potential; 0 is logarithmic." });
const potential = z.discriminatedUnion("kind", [
  z
    .strictObject({
      kind: z.literal("riesz"),
      s: exponent,
      distance: z.enum(["chordal", "angular"]).default("chordal"),
    })
    .meta({ description: "Riesz potential of the chord or of the angle." }),
  z
    .strictObject({ kind: z.literal("gaussian"), t: z.number().positive() })
    .meta({ description: "exp(−t·‖x_i − x_j‖²)" }),
]);

/** Everything but a projection of the user's own, which isn't data. */
export const energyData = z.strictObject({
  potential: potential.default({ kind: "riesz", s: 2, distance: "chordal" }),
  objective: objectiveSchema.optional().meta({ description: "An objective of others, instead of a potential." }),
  space: z.enum(["full", "half"]).default("full"),
  projection: projectionSchema.default({ kind: "none" }),
  separationFloor: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .meta({ description: "δ, a chord: closer pairs continue along the tangent. 0 asks for the bare formula." }),
  normEpsilon: z.number().min(0).default(0).meta({ description: "ε of ρ = √(‖w‖² + ε)." }),
  sample: z
    .int()
    .min(2)
    .optional()
    .meta({ description: "Rows of which each evaluation takes the energy, drawn anew; left out: all." }),
});

/** Where a potential and a space are asked for by themselves, and have no default. */
export const potentialAndSpace = z.strictObject({ potential, space: energyData.shape.space.unwrap() });

export const projectionKinds = projectionSchema.options.map((option) => option.shape.kind.value);

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
