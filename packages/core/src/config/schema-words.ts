/** How the schemas say what stands if nothing is said, and what a key means. */
import * as z from "zod/mini";

/** A schema with a default. */
export function orElse<S extends z.ZodMiniType>(schema: S, value: z.input<S> & {}) {
  return z._default(schema, value as never) as z.ZodMiniDefault<S>;
}

/** A schema with the description that the JSON Schema shows. */
export function about<S extends z.ZodMiniType>(schema: S, description: string): S {
  return schema.check(z.meta({ description })) as S;
}
