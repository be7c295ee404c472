/** The config's shape, its defaults and its limits: one schema, from which the JSON Schema is made as well. */
import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import type { Projection } from "../projection/projection.js";
import { described } from "./described-schema.js";
import { objectiveSchema } from "./objective-schema.js";
import { projectionSchema } from "./projection-schema.js";
import { orElse, real, whole } from "./schema-words.js";

const exponent = real(v.gtValue(-2));
const potential = v.variant("kind", [
  v.strictObject({
    kind: v.literal("riesz"),
    s: exponent,
    distance: orElse(v.picklist(["chordal", "angular"]), "chordal"),
  }),
  v.strictObject({ kind: v.literal("gaussian"), t: real(v.gtValue(0)) }),
  v.strictObject({ kind: v.literal("frame"), p: real(v.minValue(2)) }),
]);
const space = v.picklist(["full", "half"]);

/** Everything but a projection of the user's own, which isn't data. */
export const energyData = v.strictObject({
  potential: orElse(potential, { kind: "riesz", s: 2, distance: "chordal" }),
  objective: v.optional(objectiveSchema),
  space: orElse(space, "full"),
  projection: orElse(projectionSchema, { kind: "none" }),
  separationFloor: orElse(real(v.minValue(0), v.maxValue(1)), 0.01),
  normEpsilon: orElse(real(v.minValue(0)), 0),
  sample: v.optional(whole(v.minValue(2))),
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
  const schema = toJsonSchema(energyData, {
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
  });
  return described(schema as Parameters<typeof described>[0]) as Record<string, unknown>;
}
