/** From flags to what an audit needs: the part that is checked before a file is opened, and that is quick to load. */
import type { Layout } from "@comhe/core/layouts";
import type { LayerSource, OpenOptions } from "@comhe/models";
import picomatch from "picomatch";
import { UsageError } from "./exit-code.js";

export interface SharedFlags {
  readonly backend: string;
  readonly spec?: string;
  readonly layer: readonly string[];
  readonly exclude: readonly string[];
  readonly layout: readonly string[];
  readonly heads?: string;
  readonly budget: string;
  /** Whether the user gave the budget. */
  readonly budgetGiven?: boolean;
  readonly pairs?: string;
  readonly seed: string;
  readonly format: "table" | "json" | "csv" | "md";
  readonly html?: string;
  readonly progress?: boolean;
}

/** How many pairs, and which. */
export interface Sampling {
  /** Milliseconds; or pairs; or neither, for all pairs. */
  readonly budget: number | undefined;
  readonly pairs: number | undefined;
  readonly seed: number;
}

/** @throws UsageError */
export function samplingOf({ budget, pairs, seed }: SharedFlags): Sampling {
  return {
    budget: pairs === undefined ? parseTime(budget) : undefined,
    pairs: pairs === undefined ? undefined : wholeNumber("--pairs", pairs, 100),
    seed: wholeNumber("--seed", seed, 0),
  };
}

/** `30s`, `2m`, `500ms`; milliseconds. `undefined` for `none`. */
export function parseTime(text: string, flag = "--budget"): number | undefined {
  if (text === "none") return undefined;
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const time = match ? Number(match[1]) * units[match[2] as keyof typeof units] : 0;
  if (time > 0) return time;
  throw new UsageError(`${flag}: expected a time such as 30s, 2m or 500ms, or none; got "${text}".`);
}

export function wholeNumber(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(`${flag}: expected a whole number of at least ${least}, got "${text}".`);
}

export function finiteNumber(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new UsageError(`${flag}: expected a number, got "${text}".`);
}

/** Layer names have slashes and dots, which a glob's `*` should pass: `conv*`, `*.weight`. */
export function layerFilter({ layer, exclude }: Pick<SharedFlags, "layer" | "exclude">): (name: string) => boolean {
  const [wanted, unwanted] = [layer.map(globMatcher), exclude.map(globMatcher)];
  return (name) =>
    (wanted.length === 0 || wanted.some((matches) => matches(name))) && !unwanted.some((matches) => matches(name));
}

/** The globs of `--layer` and `--exclude` that none of these names match, each with its flag. */
export function unmatchedGlobs(
  { layer, exclude }: Pick<SharedFlags, "layer" | "exclude">,
  names: readonly string[],
): readonly string[] {
  const unmatched = (flag: string, globs: readonly string[]) =>
    globs.filter((glob) => !names.some(globMatcher(glob))).map((glob) => `${flag} ${glob}`);
  return [...unmatched("--layer", layer), ...unmatched("--exclude", exclude)];
}

/** `12`, or `32:8` where 32 heads of queries share 8 of keys and values. @throws UsageError */
export function headsOf({ heads }: Pick<SharedFlags, "heads">): OpenOptions["heads"] {
  if (heads === undefined) return undefined;
  const [, count, ofKeys = count] = /^(\d{1,4})(?::(\d{1,4}))?$/.exec(heads) ?? [];
  const [queries, keys] = [Number(count), Number(ofKeys)];
  if (queries > 0 && keys > 0 && queries % keys === 0) return { count: queries, ofKeys: keys };
  throw new UsageError(
    `--heads: expected a number of heads, or those of queries and of keys such as 32:8, the second dividing the first; got "${heads}".`,
  );
}

export interface LayoutRules {
  /** Of a stored array by its name, as the file is opened: it wins over what the reader would make of it. */
  readonly layoutOf: (name: string) => Layout | undefined;
  readonly apply: (layer: LayerSource) => LayerSource;
  /** The rules that matched none of these names, and no array of a file. */
  readonly unused: (names: readonly string[]) => readonly string[];
}

/** @throws UsageError */
export function layoutRules(rules: readonly string[]): LayoutRules {
  const used = new Set<string>();
  const parsed = rules.map((rule) => {
    const at = rule.lastIndexOf("=");
    const layout = at < 1 ? undefined : parseLayout(rule.slice(at + 1));
    if (layout === undefined) {
      throw new UsageError(
        `--layout: expected glob=neurons-first, =neurons-last, =depthwise or =axes:1,2 (those that count neurons, from 0), got "${rule}".`,
      );
    }
    return { rule, matches: globMatcher(rule.slice(0, at)), layout };
  });
  const find = (name: string) => parsed.find(({ matches }) => matches(name));
  return {
    layoutOf(name) {
      const found = find(name);
      if (found) used.add(found.rule);
      return found?.layout;
    },
    apply(layer) {
      const found = find(layer.name);
      return found ? { ...layer, layout: found.layout, note: undefined } : layer;
    },
    unused: (names) =>
      parsed.filter(({ rule, matches }) => !used.has(rule) && !names.some(matches)).map(({ rule }) => rule),
  };
}

function parseLayout(text: string): Layout | undefined {
  if (text === "neurons-first" || text === "neurons-last" || text === "depthwise") return text;
  const axes = /^axes:(-?\d{1,2}(?:,-?\d{1,2})*)$/.exec(text)?.[1];
  return axes === undefined ? undefined : { neuronAxes: axes.split(",").map(Number) };
}

/** A layer that is one part of a stored array, `qkv.weight [query]`, answers to the array's name, too. */
function globMatcher(glob: string): (name: string) => boolean {
  // Slashes are letters like any other here.
  const plain = (text: string) => text.replaceAll("/", "\u0001");
  const matches = picomatch(plain(glob), { dot: true, nonegate: true, noextglob: true });
  return (name) => matches(plain(name)) || (name.endsWith("]") && matches(plain(name.replace(/ \[[^[\]]*\]$/, ""))));
}
