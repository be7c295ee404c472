/** Puts words to a JSON Schema of the config: what each key, and each kind of object, means. */
import { type KeyText, keyTexts, matrixTexts } from "./schema-descriptions.js";

/** What is looked at of a JSON Schema. */
interface Part {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Part>>;
  readonly oneOf?: readonly Part[];
  readonly const?: unknown;
}

type Texts = Readonly<Record<string, string>>;

/** @returns a copy, with a `description` of everything that `schema-descriptions.ts` has words for */
export function described(schema: Part): Part {
  const texts: Readonly<Record<string, KeyText>> = keyTexts();
  const properties = Object.entries(schema.properties ?? {}).map(([key, part]) => {
    const { about, kinds = {} } = texts[key]!;
    const oneOf = part.oneOf?.map((each) => {
      const { about: description, keys } = kinds[String(each.properties?.kind?.const)]!;
      return { ...withTexts(each, keys), description };
    });
    return [key, { ...part, ...(oneOf && { oneOf }), description: about }] as const;
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}

function withTexts(object: Part, texts: Texts): Part {
  const properties = Object.entries(object.properties ?? {}).map(([key, part]) => {
    if (key === "kind") return [key, part] as const;
    // The only objects within objects are matrices.
    const inner = part.type === "object" ? withTexts(part, matrixTexts) : part;
    return [key, { ...inner, description: texts[key] }] as const;
  });
  return { ...object, properties: Object.fromEntries(properties) };
}
