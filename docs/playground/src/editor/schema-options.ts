/** What the published JSON Schema offers at a place of a config: keys, and values. */

/** The parts of JSON Schema that the config's schema is made of. */
export interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}

export interface Offer {
  /** As it is written, JSON. */
  readonly text: string;
  readonly detail?: string | undefined;
  readonly info?: string | undefined;
}

const variantsOf = (schema: Schema): readonly Schema[] => schema.oneOf ?? schema.anyOf ?? [schema];

/** Those variants whose `kind` is the one that stands there; all of them where none does yet. */
function fitting(schema: Schema, value: unknown): readonly Schema[] {
  const kind = (value as { kind?: unknown } | undefined)?.kind;
  const variants = variantsOf(schema);
  const same = variants.filter(({ properties }) => kind !== undefined && properties?.kind?.const === kind);
  return same.length > 0 ? same : variants;
}

/** The schemas that may hold at `path` of `value`. */
function schemasAt(schema: Schema, value: unknown, path: readonly string[]): readonly Schema[] {
  const [key, ...rest] = path;
  if (key === undefined) return fitting(schema, value);
  const inner = (value as Readonly<Record<string, unknown>> | undefined)?.[key];
  return fitting(schema, value).flatMap(({ properties }) => {
    const next = properties?.[key];
    return next ? schemasAt(next, inner, rest) : [];
  });
}

/** Keys that may still be added to the object at `path`. */
export function offeredKeys(schema: Schema, value: unknown, path: readonly string[]): readonly Offer[] {
  const there = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], value);
  const present = new Set(Object.keys((there as object | undefined) ?? {}));
  const offers = new Map<string, Offer>();
  for (const { properties = {}, required = [] } of schemasAt(schema, value, path)) {
    for (const [key, { description, default: usual }] of Object.entries(properties)) {
      if (present.has(key) || offers.has(key)) continue;
      const detail = required.includes(key)
        ? "required"
        : usual === undefined
          ? undefined
          : `default ${JSON.stringify(usual)}`;
      offers.set(key, { text: JSON.stringify(key), detail, info: description });
    }
  }
  return [...offers.values()];
}

/** Values that may stand at `path`. */
export function offeredValues(schema: Schema, value: unknown, path: readonly string[]): readonly Offer[] {
  const offers = new Map<string, Offer>();
  const add = (content: unknown, detail?: string, info?: string) => {
    const text = JSON.stringify(content);
    if (!offers.has(text)) offers.set(text, { text, detail, info });
  };
  // The kind that stands there mustn't narrow the kinds that may.
  const parent = path.slice(0, -1);
  const open = path.at(-1) === "kind" ? without(value, parent) : value;
  for (const each of schemasAt(schema, open, path)) {
    if (each.const !== undefined) add(each.const);
    for (const one of each.enum ?? []) add(one, one === each.default ? "default" : undefined);
    if (each.type === "boolean")
      for (const one of [true, false]) add(one, one === each.default ? "default" : undefined);
    if (each.type === "object" && each.properties?.kind) add(starterOf(each), undefined, each.description);
    if ((each.type === "number" || each.type === "integer") && each.default !== undefined) add(each.default, "default");
  }
  return [...offers.values()];
}

/** The kind, with a number for whatever else it must have. */
function starterOf({ properties = {}, required = [] }: Schema): object {
  const value = (key: string) => {
    const { const: fixed, default: usual, enum: choices, type } = properties[key] ?? {};
    return fixed ?? usual ?? choices?.[0] ?? (type === "number" || type === "integer" ? 2 : null);
  };
  return Object.fromEntries(required.map((key) => [key, value(key)]));
}

function without(value: unknown, path: readonly string[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  const [key, ...rest] = path;
  if (key === undefined) return {};
  return { ...value, [key]: without((value as Record<string, unknown>)[key], rest) };
}
