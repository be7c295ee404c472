/** JSON that people can page through: indented, but for lists of numbers and of words, and whatever is short, which stand on one line each. */

/** Characters that an object may have to stand on one line. */
const shortLine = 100;

/** Writes JSON as `JSON.stringify(value, null, 2)` does, but with every list of plain values, and whatever is short, on one line. */
export function compactJson(value: unknown): string {
  // What terminals and editors act on is written as JSON allows to: the same text for whoever parses it.
  return indented(value, "").replace(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function indented(value: unknown, indent: string): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const flat = JSON.stringify(value);
  if (flat.length <= shortLine) return flat;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.every((item) => item === null || typeof item !== "object")) return flat;
    return `[\n${value.map((item) => inner + indented(item, inner)).join(",\n")}\n${indent}]`;
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  const lines = entries.map(([key, item]) => `${inner}${JSON.stringify(key)}: ${indented(item, inner)}`);
  return `{\n${lines.join(",\n")}\n${indent}}`;
}
