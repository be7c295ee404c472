/**
 * config.json as conventions ask it: whole numbers by name, in the config itself and in those it holds for its parts, such as
 * `text_config` and `vision_config`. It comes from elsewhere, so nothing in it is taken for granted.
 */
import type { ModelConfig } from "../format.js";

export interface ConfigPart {
  /** A positive whole number. */
  whole(key: string): number | undefined;
  flag(key: string): boolean | undefined;
  text(key: string): string | undefined;
}

interface WithConfig {
  readonly config: ModelConfig | undefined;
}

const deepest = 3;

/** The config, then its parts. */
export function configs({ config }: WithConfig): readonly ConfigPart[] {
  const found: ConfigPart[] = [];
  const visit = (value: unknown, depth: number) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return;
    found.push(partOf(value as ModelConfig));
    if (depth === deepest) return;
    for (const [key, part] of Object.entries(value)) if (/config$/.test(key)) visit(part, depth + 1);
  };
  visit(config, 0);
  return found;
}

function partOf(config: ModelConfig): ConfigPart {
  const own = (key: string) => (Object.hasOwn(config, key) ? config[key] : undefined);
  return {
    whole(key) {
      const value = own(key);
      return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : undefined;
    },
    flag(key) {
      const value = own(key);
      return typeof value === "boolean" ? value : undefined;
    },
    text(key) {
      const value = own(key);
      return typeof value === "string" ? value : undefined;
    },
  };
}

/** "gpt2", "falcon": of the model and of its parts. */
export function modelTypes(context: WithConfig): ReadonlySet<string> {
  const types = configs(context).map((part) => part.text("model_type"));
  return new Set(types.filter((type) => type !== undefined));
}
