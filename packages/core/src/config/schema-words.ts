/** How the schemas say what stands if nothing is said, and the numbers that configs have. */
import * as v from "valibot";

type Schema = v.GenericSchema;

/** A schema with a default. */
export function orElse<S extends Schema>(schema: S, value: v.InferInput<S> & {}) {
  return v.optional(schema, value as never) as v.OptionalSchema<S, v.InferInput<S>>;
}

/** A finite number. */
export function real(...limits: readonly v.GenericPipeAction<number, number>[]): v.GenericSchema<number> {
  return (v.pipe as unknown as Piped)(v.number(), v.finite(), ...limits);
}

/** A whole number. */
export function whole(...limits: readonly v.GenericPipeAction<number, number>[]): v.GenericSchema<number> {
  return (v.pipe as unknown as Piped)(v.number(), v.safeInteger(), ...limits);
}

type Piped = (
  schema: v.GenericSchema<number>,
  ...actions: v.GenericPipeAction<number, number>[]
) => v.GenericSchema<number>;
