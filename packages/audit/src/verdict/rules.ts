/**
 * The rules by which an audit says that something stands out, as data: a name that gates use, a threshold, and what it means. They say what the numbers
 * show and no more: that two neurons are alike doesn't show that one of them can go.
 */
import { distinctScore, type LayerAudit } from "../layer/layer-audit.js";
import { copyChord } from "../layer/near-copies.js";
import type { RowList } from "../layer/row-health.js";
import { explodingShare } from "../layer/row-health.js";
import { deadShare, faintShare } from "../layer/unit-rows.js";
import { counted } from "../text/format-number.js";
import { collapsedShare, type HeadUnits, chanceRank as ofChance } from "../units/head-units.js";
import { placeInNetwork, roleOf } from "../units/place-in-network.js";
import type { RuleName } from "./finding.js";
import { likeLayers } from "./yardstick.js";

/** What rules look at: an audit without its findings. */
export type Measured = Omit<LayerAudit, "findings">;

/** A rule by which layers are judged: what it measures, its threshold, and how it finds the neurons that it concerns. */
export interface Rule {
  /** The rule's name. */
  readonly name: RuleName;
  /** What the rule is about: the health of single neurons, or how neurons repeat each other. */
  readonly about: "health" | "repetition";
  /** The number that decides. */
  readonly threshold: number;
  /** What the threshold is compared with, in words. */
  readonly measure: string;
  /** Applies the rule to a layer; `null` where nothing stands out. */
  readonly find: (layer: Measured) => {
    /** How many neurons, or heads, it concerns. */
    readonly count: number;
    /** The numbers that show it, in words, to stand in a sentence. */
    readonly text: string;
  } | null;
}

/** Of the effective rank that as many random directions have, the share below which a layer is crowded. */
const crowdedShare = 0.25;

/** Fewer neurons than these can't show a crowd. */
const fewestOfCrowd = 8;

/** Of real layers of like dimension, the percent above whose scores a layer is redundant. */
const redundantPercent = 95;

const livingOf = ({ count, dead, faint }: Measured): number => count - dead - faint;

/** Of as many random directions. */
const chanceRank = (layer: Measured): number => ofChance(livingOf(layer), layer.dim);

const isCrowded = (layer: Measured): boolean =>
  livingOf(layer) >= fewestOfCrowd && layer.dim > 1 && layer.effectiveRank < crowdedShare * chanceRank(layer);

const rowsRule = (
  name: RuleName & keyof LayerAudit["health"],
  threshold: number,
  measure: string,
  text: (count: number) => string,
): Rule => ({
  name,
  about: "health",
  threshold,
  measure,
  find: ({ health }) => {
    const list: RowList = health[name];
    return list.count === 0 ? null : { count: list.count, text: `${text(list.count)}${namesIn(list)}` };
  },
});

/** Heads by name: "block 3, head 5 of 12 (queries) has collapsed". */
function headRule(
  name: RuleName,
  threshold: number,
  measure: string,
  chosen: (units: HeadUnits) => readonly number[],
  text: (heads: readonly number[], units: HeadUnits, width: number) => string,
): Rule {
  return {
    name,
    about: name === "dead-heads" ? "health" : "repetition",
    threshold,
    measure,
    find: (layer) => {
      const { units, dim, count } = layer;
      const heads = units === null ? [] : chosen(units);
      if (units === null || heads.length === 0) return null;
      const place = placeInNetwork(layer);
      const where = place ? `block ${place.block}, ` : "";
      const role = units.along === "inputs" ? " (output)" : roleText(layer);
      const named = `${heads.length === 1 ? "head" : "heads"} ${listed(heads.map(String), mostHeads)} of ${units.count}${role}`;
      return {
        count: heads.length,
        text: `${where}${named} ${text(heads, units, units.along === "neurons" ? dim : count)}`,
      };
    },
  };
}

/** Heads of one layer that are named. */
const mostHeads = 6;

const listed = (words: readonly string[], most: number): string =>
  words.length > most ? `${words.slice(0, most).join(", ")}, …` : words.join(", ");

function roleText(layer: Measured): string {
  const role = roleOf(layer);
  const words: Readonly<Record<string, string>> = { query: "queries", key: "keys", value: "values" };
  return role !== undefined && words[role] !== undefined ? ` (${words[role]})` : "";
}

const verb = (count: number, one: string, many: string) => (count === 1 ? one : many);

/** Worst first: the order in which findings are said. */
export const rules: readonly Rule[] = [
  rowsRule("nan", 1, "rows with a NaN", (n) => `${counted(n, "row")} ${verb(n, "holds", "hold")} NaN`),
  rowsRule(
    "infinite",
    1,
    "rows with an infinity",
    (n) => `${counted(n, "row")} ${verb(n, "holds", "hold")} an infinity`,
  ),
  rowsRule(
    "exploding",
    explodingShare,
    "a row's norm over the median norm of rows that aren't dead",
    (n) => `${counted(n, "row")} ${verb(n, "is", "are")} at least ${explodingShare} times as long as the others`,
  ),
  headRule(
    "dead-heads",
    1,
    "attention heads none of whose vectors live, where the model says how wide a head is",
    ({ dead }) => dead,
    (heads) => (heads.length === 1 ? "is dead" : "are dead"),
  ),
  headRule(
    "collapsed-heads",
    collapsedShare,
    "the effective rank of a head's vectors over that of as many random directions, below, from 8 living vectors on",
    ({ collapsed }) => collapsed,
    (collapsed, { heads }, width) => {
      const ranks = collapsed.map((head) => heads[head]!.effectiveRank.toFixed(1));
      const chance = ofChance(heads[collapsed[0]!]!.living, width).toFixed(1);
      const have = verb(collapsed.length, "has", "have");
      return `${have} collapsed to ${listed(ranks, mostHeads)} effective dimensions, where random directions have ${chance}`;
    },
  ),
  rowsRule(
    "dead",
    deadShare,
    "a row's norm over the root mean square norm, at most",
    (n) => `${counted(n, "neuron")} ${verb(n, "is", "are")} dead`,
  ),
  rowsRule(
    "faint",
    faintShare,
    "a row's norm over the median norm of rows that aren't dead, at most",
    (n) => `${counted(n, "neuron")} ${verb(n, "is", "are")} faint`,
  ),
  rowsRule(
    "constant",
    1,
    "rows whose numbers are all the same, and not 0",
    (n) => `${counted(n, "row")} ${verb(n, "repeats", "repeat")} a single number`,
  ),
  {
    name: "copies",
    about: "repetition",
    threshold: copyChord,
    measure: "the chord between the directions of two neurons, at most (in half space also to the opposite)",
    find: ({ duplicates, count, groupCount, groups, lowerBounds }) => {
      if (duplicates === 0) return null;
      const least = lowerBounds.includes("duplicates") ? "at least " : "";
      const largest = groups[0];
      const where =
        largest === undefined
          ? ""
          : `, in ${counted(groupCount, "group")}, the largest of ${largest.size}${namesIn(largest)}`;
      return {
        count: duplicates,
        text: `${least}${duplicates} of ${count} neurons ${verb(duplicates, "repeats", "repeat")} another${where}`,
      };
    },
  },
  {
    name: "crowded",
    about: "repetition",
    threshold: crowdedShare,
    measure: "the effective rank over that of as many random directions, N·d/(N + d − 1), below",
    find: (layer) => {
      const { effectiveRank, units } = layer;
      // Some heads that collapsed explain the crowd; all of them are it.
      const heads = units?.collapsed.length ?? 0;
      if (!isCrowded(layer) || (heads > 0 && heads < units!.count)) return null;
      return {
        count: livingOf(layer),
        text: `its neurons have only ${effectiveRank.toFixed(1)} effective dimensions, where random directions have ${chanceRank(layer).toFixed(1)}`,
      };
    },
  },
  {
    name: "redundant",
    about: "repetition",
    threshold: redundantPercent,
    measure:
      "the percent of real layers of like dimension whose score is lower than that of the living neurons, one of each group of copies; in layers that aren't crowded",
    find: (layer) => {
      const own = distinctScore(layer);
      // A crowd, or a head that is one, explains its score.
      const crowd = isCrowded(layer) || (layer.units?.collapsed.length ?? 0) > 0;
      if (own === null || layer.percentile !== redundantPercent || crowd) return null;
      return {
        count: layer.count,
        text: `the score of ${own.toPrecision(4)} is above that of ${redundantPercent} % of ${likeLayers(layer.dim)}`,
      };
    },
  },
];

/** The first rows, by name where they have any. Names are quoted: they come from files. */
function namesIn({ rows, names }: Pick<RowList, "rows" | "names">): string {
  const most = 8;
  const shown = names
    ? names.slice(0, most).map((name, n) => (name === "" ? `row ${rows[n]}` : JSON.stringify(name)))
    : rows.slice(0, most).map((row) => `row ${row}`);
  const more = rows.length > most ? ", …" : "";
  return shown.length === 0 ? "" : ` (${shown.join(", ")}${more})`;
}
