/** What a Keras config says of layers: the class of each, by its name, wherever it is nested. */

export interface LayerConfig {
  /** "Dense". */
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
}

export type LayerConfigs = ReadonlyMap<string, LayerConfig>;

const deepest = 60;
const mostValues = 5_000_000;

/**
 * Layers have their name in `config`; models and wrappers have their layers in theirs. A name that stands for two classes,
 * in two nested models, says nothing.
 */
export function collectLayers(json: unknown): LayerConfigs {
  const result = new Map<string, LayerConfig>();
  const unclear = new Set<string>();
  let left = mostValues;
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== "object" || value === null || depth > deepest || left-- <= 0) return;
    const { class_name: className, config } = value as Record<string, unknown>;
    const name = (config as Record<string, unknown> | undefined)?.name;
    if (typeof className === "string" && typeof name === "string") {
      if ((result.get(name)?.className ?? className) !== className) unclear.add(name);
      else if (!result.has(name)) result.set(name, { className, config: config as Record<string, unknown> });
    }
    for (const entry of Object.values(value)) visit(entry, depth + 1);
  };
  visit(json, 0);
  for (const name of unclear) result.delete(name);
  return result;
}
