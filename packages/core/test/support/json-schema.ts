/** The part of JSON Schema that our schema uses, to check that it accepts and refuses what `defineEnergy` does. */

export interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema | boolean;
  readonly prefixItems?: readonly Schema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly default?: unknown;
  readonly description?: string;
  readonly $schema?: string;
}

const known = new Set(
  (
    "type const enum minimum maximum exclusiveMinimum required properties additionalProperties oneOf anyOf items prefixItems " +
    "minItems maxItems default description $schema"
  ).split(" "),
);

export function accepts(schema: Schema, value: unknown): boolean {
  const unknown = Object.keys(schema).filter((key) => !known.has(key));
  if (unknown.length > 0) throw new Error(`this validator doesn't know ${unknown.join(", ")}`);
  if (schema.oneOf && schema.oneOf.filter((option) => accepts(option, value)).length !== 1) return false;
  if (schema.anyOf && !schema.anyOf.some((option) => accepts(option, value))) return false;
  if ("const" in schema && value !== schema.const) return false;
  if (schema.enum && !schema.enum.includes(value)) return false;
  if (schema.type !== undefined && !isOfType(schema.type, value)) return false;
  if (typeof value === "number") {
    if (value < (schema.minimum ?? value) || value > (schema.maximum ?? value)) return false;
    if (schema.exclusiveMinimum !== undefined && value <= schema.exclusiveMinimum) return false;
  }
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0) || value.length > (schema.maxItems ?? value.length)) return false;
    return value.every((entry, n) => {
      const item = schema.prefixItems?.[n] ?? schema.items ?? true;
      return typeof item === "boolean" ? item : accepts(item, entry);
    });
  }
  if (typeof value === "object" && value !== null && schema.type === "object") {
    if (schema.required?.some((key) => !(key in value))) return false;
    return Object.entries(value).every(([key, entry]) => {
      const property = schema.properties?.[key];
      return property ? accepts(property, entry) : schema.additionalProperties !== false;
    });
  }
  return true;
}

function isOfType(type: string, value: unknown): boolean {
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}
