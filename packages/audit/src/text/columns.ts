/**
 * What each column of an audit is, said once: the terminal's legend, the page, the descriptions in the JSON Schema and the table of the documentation all
 * have it from here, or are held to it by tests.
 */

/** A column of the table, and the numbers of the JSON it is made of. */
export interface ColumnText {
  /** The column's heading. */
  readonly head: string;
  /** Which members of a layer in the JSON it shows. */
  readonly keys: readonly string[];
  /** What the column says, in one line of Markdown without markup but `code`. */
  readonly says: string;
  /** Whether it is shown by `--wide` alone, to keep lines short. Default false. */
  readonly wide?: boolean;
}

/** The columns of an audit, in the order of the terminal's table. */
export const columnTexts = [
  {
    head: "layer",
    keys: ["layer"],
    says: "its name in the file; ×5 behind it: five layers hold the same numbers, bit for bit",
  },
  {
    head: "read by",
    keys: ["readBy"],
    says: "the node or layer that reads it; shown behind names that a converter made up",
    wide: true,
  },
  { head: "kind", keys: ["kind", "role"], says: "what it belongs to, and what it does there", wide: true },
  { head: "N×d", keys: ["count", "dim"], says: "neurons, and the numbers each of them has" },
  {
    head: "score",
    keys: ["livingScore", "livingSpread", "score", "scoreSpread"],
    says: "(energy − best)/(random − best) of the living neurons: 0 is the best possible, 1 is what chance gives, above 1 is redundant; ± is one standard deviation of chance. Order and gates go by it",
  },
  {
    head: "with dead",
    keys: ["score", "scoreSpread"],
    says: "the same of all neurons as they are stored; shown where some are dead or faint",
    wide: true,
  },
  {
    head: "w/o copies",
    keys: ["distinctScore"],
    says: "the same of the living neurons, one of each group of copies; shown where there are copies. Near the score: a crowd; far below it: the copies make the score",
    wide: true,
  },
  {
    head: "energy full",
    keys: ["energyFull"],
    says: "mean potential of pairs of neurons, as points",
    wide: true,
  },
  { head: "half", keys: ["energyHalf"], says: "the same of neurons as lines, each with its opposite", wide: true },
  {
    head: "projected",
    keys: ["projected"],
    says: "the energy after the projection, the mean over a few random ones; for comparing with a training that uses it. Of a large layer it is of a sample, which `estimates` and `method` say",
    wide: true,
  },
  {
    head: "best",
    keys: ["best", "bestIs"],
    says: "the least energy possible, where it is proven; ≥ marks a proven bound that may not be reached",
    wide: true,
  },
  {
    head: "random",
    keys: ["random", "randomSpread"],
    says: "what uniformly random directions have, and the spread of that",
    wide: true,
  },
  {
    head: "|cos| mean",
    keys: ["meanCosine"],
    says: "how similar two neurons are on average; chance gives about √(2/(πd))",
    wide: true,
  },
  {
    head: "w/o mean",
    keys: ["centredCosine"],
    says: "the same after the mean row is taken away: far below |cos| mean where the neurons share a direction, near it where they repeat each other",
    wide: true,
  },
  {
    head: "isotropy",
    keys: ["isotropy"],
    says: "how evenly they fill the d dimensions once the mean row is gone: (r − 1)/(d − 1), r their rank; 1: evenly, 0: one line; at most (N − 2)/(d − 1). It is IsoScore of rows of length 1",
    wide: true,
  },
  { head: "|cos| max", keys: ["maxCosine"], says: "how similar the two most similar neurons are" },
  { head: "nearest pair", keys: ["nearest"], says: "the two most similar neurons, by row" },
  {
    head: "dead",
    keys: ["dead"],
    says: "neurons whose norm is at most 1e-6 of the layer's typical norm (the root mean square of all), zeros included",
  },
  {
    head: "faint",
    keys: ["faint"],
    says: "neurons that aren't dead, but whose norm is at most 1e-3 of the median norm of those that aren't: their directions are mostly noise; shown where there are some",
  },
  {
    head: "dup.",
    keys: ["duplicates"],
    says: "neurons within a chord of 0.01 of an earlier one (or, in half space, of its opposite)",
  },
  {
    head: "rank",
    keys: ["effectiveRank"],
    says: "(Σλ)²/Σλ² over the eigenvalues of the directions' Gram matrix: how many directions the layer really uses",
  },
  {
    head: "stable rank",
    keys: ["stableRank"],
    says: "‖W‖²/σ₁² of the rows as they are stored (Frobenius norm, largest singular value): small where one direction, or a few long rows, outweigh the rest",
    wide: true,
  },
  {
    head: "top share",
    keys: ["energyShares"],
    says: "the neuron with the largest part of the energy of the living ones, and that part; each has 1/N where all are alike",
    wide: true,
  },
] as const satisfies readonly ColumnText[];

/** A column's heading. */
export type ColumnHead = (typeof columnTexts)[number]["head"];

/** What a member of a layer in the JSON is, for the schema. */
export const saysOf = (key: string): string | undefined =>
  columnTexts.find(({ keys }) => (keys as readonly string[])[0] === key)?.says;
