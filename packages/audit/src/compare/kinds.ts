/**
 * What two models are to each other, by rules as data: a name, a threshold, and the words that are said. They say what differences look like; how a model was
 * trained nobody can see in its numbers.
 */
import { counted } from "../text/format-number.js";
import { placeInNetwork, roleOf } from "../units/place-in-network.js";
import type { MatchedLayer, Matching } from "./match-layers.js";
import type { LayerChange } from "./weight-changes.js";

/** What two models may look like to each other: the names of the kinds of comparison. */
export type ComparisonKindName =
  | "identical"
  | "different-model"
  | "rounded"
  | "quantized"
  | "low-rank"
  | "last-blocks"
  | "head-only"
  | "fine-tuned";

/** A matched layer with what became of its numbers. */
export interface ChangedPair extends MatchedLayer {
  /** How its numbers changed. */
  readonly change: LayerChange;
}

/** What the kinds of comparison are told by. */
export interface ComparisonFacts extends Matching {
  /** Matched layers whose change is known. */
  readonly pairs: readonly ChangedPair[];
  /** Those of `pairs` whose numbers differ. */
  readonly changed: readonly ChangedPair[];
  /** How many matched layers there are whose change isn't known. */
  readonly unknown: number;
}

/** A kind of comparison: the number it goes by, and what it says where it fits. */
export interface ComparisonKind {
  /** The name of the kind. */
  readonly name: ComparisonKindName;
  /** The number that decides whether the kind fits. */
  readonly threshold: number;
  /** What the threshold is compared with, in words. */
  readonly measure: string;
  /** The sentence that says it, or `undefined` where the kind doesn't fit. */
  readonly find: (facts: ComparisonFacts) => string | undefined;
}

/** Independent matrices of one length are √2 of it apart. */
const differentSize = 1;
/** bfloat16 rounds by at most 2⁻⁸ of a number. */
const roundedSize = 0.005;
/** Eight bits lose one or two percent, four some ten. */
const quantizedSize = 0.15;
/** Types of at most eight bits, as formats call them: "int8", "uint8 (scaled)", "Q4_K", "float8e4m3", "F8_E5M2". */
const ofFewBits =
  /(^|[^a-z0-9])(u?int[1-8]|i?q\d\w*|tq\d\w*|float8\w*|f8_\w+|mxfp4|nvfp4|nf4|fp4)([^0-9a-z]|$)|quantized/i;
/** Of as many directions as a matrix has, the part that a low-rank change fills at most. */
const lowRankShare = 0.25;
/** Of all blocks, the part that are the last. */
const lastShare = 0.5;
const mostSuffix = 3;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;

const sizes = (pairs: readonly ChangedPair[]) => pairs.flatMap(({ change: { size } }) => (size === null ? [] : [size]));

const sideOf = ({ before: { count, dim } }: ChangedPair) => Math.min(count, dim);

/** Matrices in which a low rank would be seen. */
const wideOnes = (pairs: readonly ChangedPair[]) => pairs.filter((pair) => sideOf(pair) >= 16);

/** Blocks by stack: those that changed, and all. */
function blocksOf({ pairs, changed }: ComparisonFacts) {
  const blocks = (of: readonly ChangedPair[]) => {
    const found = new Map<string, Set<number>>();
    for (const { after } of of) {
      const place = placeInNetwork(after);
      if (!place) continue;
      const set = found.get(place.stack) ?? new Set();
      found.set(place.stack, set.add(place.block));
    }
    return found;
  };
  return { all: blocks(pairs), moved: blocks(changed) };
}

const isHead = ({ after }: MatchedLayer) => roleOf(after) === "head";

/** Percent, with as many digits as say something. */
export const percentText = (share: number): string =>
  `${share >= 0.1 ? (100 * share).toFixed(0) : (100 * share).toPrecision(2)} %`;

/** The kinds of comparison, in the order in which they are tried: the first that fits is said. */
export const comparisonKinds: readonly ComparisonKind[] = [
  {
    name: "identical",
    threshold: 0,
    measure: "numbers that differ, in all layers of both",
    find: ({ pairs, changed, unknown, onlyBefore, onlyAfter, matched }) => {
      if (matched.length === 0 || changed.length > 0 || unknown > 0 || pairs.length === 0) return undefined;
      if (onlyBefore.length + onlyAfter.length > 0) return undefined;
      return `The two are identical: every number of ${counted(pairs.length, "layer")} is the same.`;
    },
  },
  {
    name: "different-model",
    threshold: differentSize,
    measure: "the median of ‖ΔW‖/‖W‖ over the layers that changed, from here on; or no layer matches",
    find: ({ matched, changed, pairs }) => {
      if (matched.length === 0)
        return "No layer of one matches a layer of the other, by name, numbers or shape: these look like different models.";
      const middle = median(sizes(changed));
      if (changed.length < pairs.length / 2 || middle < differentSize) return undefined;
      return `Looks like a different model: the median difference of a layer is ${percentText(middle)} of its size (of independent matrices it is about 140 %).`;
    },
  },
  {
    name: "rounded",
    threshold: roundedSize,
    measure: "‖ΔW‖/‖W‖ of every layer that changed, at most, where all are stored in another type",
    find: ({ changed }) => {
      const most = Math.max(...sizes(changed));
      const other = changed.every(({ before, after }) => before.dataType !== after.dataType);
      if (changed.length === 0 || !other || !(most <= roundedSize)) return undefined;
      const { before, after } = changed[0]!;
      return `Looks like the same model in another type (${before.dataType}, then ${after.dataType}): numbers differ by at most ${percentText(most)} of a layer's size, as they do by rounding.`;
    },
  },
  {
    name: "quantized",
    threshold: quantizedSize,
    measure:
      "the median of ‖ΔW‖/‖W‖ over the layers that changed, at most, where all are stored in eight bits or fewer in one of the two models alone",
    find: ({ changed }) => {
      const few = ({ dataType }: MatchedLayer["before"]) => ofFewBits.test(dataType);
      const [all, middle] = [sizes(changed), median(sizes(changed))];
      if (all.length === 0 || middle > quantizedSize) return undefined;
      const [{ before, after }] = changed as readonly [ChangedPair];
      if (few(before) === few(after)) return undefined;
      if (changed.some((pair) => few(pair.before) !== few(before) || few(pair.after) !== few(after))) return undefined;
      return `Looks like the same model quantized (${before.dataType}, then ${after.dataType}): the median difference is ${percentText(middle)} of a layer's size, the largest ${percentText(Math.max(...all))}. A fine-tuning that changes as little can't be told from it.`;
    },
  },
  {
    name: "low-rank",
    threshold: lowRankShare,
    measure:
      "directions that hold 95 % of the difference, over min(N, d), of every layer that changed and has 16 or more of both, at most",
    find: ({ changed }) => {
      const wide = wideOnes(changed);
      const fits = ({ change: { directions } }: ChangedPair, side: number) =>
        directions !== null && directions <= lowRankShare * side;
      if (wide.length === 0 || !wide.every((pair) => fits(pair, sideOf(pair)))) return undefined;
      const most = Math.max(...wide.map(({ change }) => change.directions!));
      return `Looks like a low-rank adapter merged in: in ${wide.length === 1 ? "the layer" : `each of ${wide.length} layers`} that changed, ${counted(most, "direction")} or fewer hold 95 % of the difference.`;
    },
  },
  {
    name: "head-only",
    threshold: 1,
    measure: "layers that changed, all of them a head or classifier, at least",
    find: ({ changed, pairs }) => {
      if (changed.length === 0 || changed.length === pairs.length || !changed.every(isHead)) return undefined;
      return `Looks like a new head on the same network: ${counted(changed.length, "layer")} changed, ${changed.length === 1 ? "it is" : "all of them"} the head, and nothing below.`;
    },
  },
  {
    name: "last-blocks",
    threshold: lastShare,
    measure: "the part of a network's blocks that changed, all of them the last and nothing before them, at most",
    find: (facts) => {
      const { all, moved } = blocksOf(facts);
      if (moved.size !== 1 || facts.changed.length === 0) return undefined;
      const [[stack, blocks]] = [...moved] as [[string, Set<number>]];
      const numbers = [...all.get(stack)!].sort((a, b) => a - b);
      const last = numbers.slice(-blocks.size);
      const outside = facts.changed.filter((pair) => !placeInNetwork(pair.after) && !isHead(pair));
      if (outside.length > 0 || blocks.size > lastShare * numbers.length) return undefined;
      if (last.some((number) => !blocks.has(number))) return undefined;
      const named = blocks.size <= mostSuffix ? ` (${last.join(", ")})` : ` (${last[0]} to ${last.at(-1)})`;
      const head = facts.changed.some(isHead) ? " and the head" : "";
      return `Looks like a fine-tuning of the last ${blocks.size === 1 ? "block" : `${blocks.size} blocks`}${named} of ${numbers.length}${head}: nothing before ${blocks.size === 1 ? "it" : "them"} changed.`;
    },
  },
  {
    name: "fine-tuned",
    threshold: differentSize,
    measure: "the median of ‖ΔW‖/‖W‖ over the layers that changed, below",
    find: ({ changed, pairs }) => {
      if (changed.length === 0) return undefined;
      const which = changed.length === pairs.length ? "every layer" : `${changed.length} of ${pairs.length} layers`;
      return `Looks like a fine-tuning of ${which}: the median difference is ${percentText(median(sizes(changed)))} of a layer's size.`;
    },
  },
];
