/** Experts of mixtures side by side: energies within and between them, and which two are most alike. */
import { formatNumber, printable } from "../text/format-number.js";
import type { ExpertMixture } from "../units/experts.js";
import type { FileLabel } from "./layer-names.js";
import { sortableTable } from "./table.js";

/** @param several whether there are several models, so that each mixture says whose it is */
export function mixtureTable(mixtures: readonly ExpertMixture[], several: boolean, label: FileLabel): string {
  const number = (value: number | null) => ({ text: formatNumber(value, 4), sort: value ?? Number.NaN });
  return sortableTable(
    "The mean potential of pairs of neurons of one expert (within) and of two experts (between), beside that of random directions; and the two experts whose neurons of the same number are most alike, with their mean cosine: where it is near 1, one expert repeats the other.",
    ["experts", "how many", "within", "between", "random", "most alike", "mean cosine", "dead", "neurons of each"],
    mixtures.map(({ name, file, experts, within, between, random, alike, dead, neurons, sampled }) => [
      { text: printable(name), below: several ? label(file) : undefined },
      { text: String(experts.length), sort: experts.length },
      number(within),
      number(between),
      number(random),
      { text: alike === null ? "–" : `${alike.a} and ${alike.b}` },
      { text: formatNumber(alike?.cosine, 3), sort: alike?.cosine ?? Number.NaN },
      { text: dead.length === 0 ? "–" : dead.join(", ") },
      { text: `${neurons}${sampled ? " (drawn)" : ""}`, sort: neurons },
    ]),
  );
}
