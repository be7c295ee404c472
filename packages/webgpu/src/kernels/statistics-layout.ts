/** Where the statistics' kernels leave what they found, read by both sides. */
import type { PairSpec, Space } from "@comhe/core";
import type { Blocking } from "./blocking.js";

/** What one kernel collects of the pairs of a band of tiles. */
export interface Collected {
  readonly blocking: Blocking;
  /** Whether rows have unit length, ε = 0. */
  readonly unitRows: boolean;
  readonly energies: readonly PairSpec[];
  /** Index of one of the energies. */
  readonly shareOf?: number | undefined;
  /** Whether cosines about another point are added up. */
  readonly about: boolean;
  readonly angles: boolean;
  /** Whether the histogram has few enough bins for workgroup memory. */
  readonly fewBins: boolean;
  readonly nearest?: Space | undefined;
  readonly similar?: Space | undefined;
  readonly within?: Space | undefined;
}

/** Energies that one kernel adds up. */
export const mostEnergies = 4;
/** Bins that a histogram in workgroup memory has at most. */
export const mostLocalBins = 512;

/** The names of a tile's sums, in their order. */
export function sumNames({ energies, about }: Pick<Collected, "energies" | "about">): readonly string[] {
  return [
    ...["cosines", "sizes", "squares"],
    ...(about ? ["about_sizes", "about_squares"] : []),
    ...energies.map((_, n) => `energy_${n}`),
  ];
}

/** Where counts lie: pairs within the chord, pairs listed, the bins, a mark of each row that is within the chord of an earlier one. */
export const counts = {
  within: 0,
  listed: 1,
  bins: 2,
  marks: (bins: number) => 2 + bins,
  size: (bins: number, rows: number) => 2 + bins + rows,
} as const;

/** What tiles say of each of their rows and columns, one section behind the other: a share, and the nearest other row. */
export function partNames({ shareOf, nearest }: Pick<Collected, "shareOf" | "nearest">): readonly string[] {
  return [...(shareOf === undefined ? [] : ["share"]), ...(nearest ? ["key", "other"] : [])];
}

/** Numbers of a listed pair: ½u or ½v, i, j. */
export const numbersOfPair = 3;
