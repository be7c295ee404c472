/**
 * What a file says of its network in its own metadata, as a config: texts by names, which writers fill as they please. Numbers and truth values become such, and a text
 * that is a JSON object (safetensors of some trainers keep a whole config.json in one) is a part of it. It comes from elsewhere, so nothing in it is taken for granted.
 */
import type { ModelConfig } from "../format.js";

/** Longer texts are no config. */
const longest = 1 << 20;

/** `undefined` where there is nothing that a config would have. */
export function configFromMetadata(entries: Iterable<readonly [string, unknown]>): ModelConfig | undefined {
  const found: Record<string, unknown> = Object.create(null);
  for (const [name, text] of entries) {
    if (typeof text !== "string" || text.length > longest) continue;
    const value = parsed(text);
    if (value === undefined) continue;
    // Parts of a config are found by their names.
    found[typeof value === "object" ? `${name.replace(/\.json$/, "").replace(/config$/, "")}config` : name] = value;
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

function parsed(text: string): unknown {
  if (!/^\s*(\{|-?\d|true\s*$|false\s*$)/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
