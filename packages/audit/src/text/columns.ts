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
    says: "the layer's name in the file; ×5 behind it: five layers hold the same numbers, bit for bit",
  },
  {
    head: "read by",
    keys: ["readBy"],
    says: "the node or layer of the network that reads the matrix; shown behind names that a converter made up",
    wide: true,
  },
  { head: "kind", keys: ["kind", "role"], says: "what the matrix belongs to, and what it does there", wide: true },
  {
    head: "N×d",
    keys: ["count", "dim"],
    says: "how many neurons the layer has, and how many numbers each of them has",
  },
  {
    head: "score",
    keys: ["livingScore", "livingSpread", "score", "scoreSpread"],
    says: "how redundant the living neurons are, those that are neither dead nor faint: (energy − best)/(random − best). 0 is the best possible, 1 is what chance gives, above 1 is redundant; ± is one standard deviation of chance. Layers are ordered and judged by it",
  },
  {
    head: "with dead",
    keys: ["score", "scoreSpread"],
    says: "the score of all neurons as they are stored, dead and faint ones included; shown where there are such",
    wide: true,
  },
  {
    head: "w/o copies",
    keys: ["distinctScore"],
    says: "the score of the living neurons with only one of each group of copies; shown where there are copies. If it is near the score, the layer is crowded as a whole; if it is far below, the copies make the score",
    wide: true,
  },
  {
    head: "energy full",
    keys: ["energyFull"],
    says: "the energy in full space: the mean potential of pairs of neurons, taken as points on the sphere",
    wide: true,
  },
  {
    head: "half",
    keys: ["energyHalf"],
    says: "the energy in half space: the mean potential of pairs of neurons, taken as lines, each neuron with its opposite",
    wide: true,
  },
  {
    head: "projected",
    keys: ["projected"],
    says: "the energy after the projection, the mean over a few random ones, to compare with a training that uses it. For a large layer it is estimated from a sample, which `estimates` and `method` say",
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
    says: "the energy that uniformly random directions have on average, and its standard deviation",
    wide: true,
  },
  {
    head: "|cos| mean",
    keys: ["meanCosine"],
    says: "how similar two neurons are on average: the mean of |cosine| over pairs; chance gives about √(2/(πd))",
    wide: true,
  },
  {
    head: "w/o mean",
    keys: ["centredCosine"],
    says: "the mean of |cosine| over pairs after the mean row is taken away: far below |cos| mean where the neurons share a direction, near it where they repeat each other",
    wide: true,
  },
  {
    head: "isotropy",
    keys: ["isotropy"],
    says: "how evenly the directions fill the d dimensions once the mean row is taken away: (r − 1)/(d − 1) with their effective rank r; 1: evenly, 0: one line; at most (N − 2)/(d − 1). It is the IsoScore of rows of length 1",
    wide: true,
  },
  {
    head: "|cos| max",
    keys: ["maxCosine"],
    says: "how similar the two most similar neurons are: the largest |cosine| of a pair",
  },
  {
    head: "nearest pair",
    keys: ["nearest"],
    says: "the two most similar neurons, by their names or by their rows, counted from 0",
  },
  {
    head: "dead",
    keys: ["dead"],
    says: "how many neurons are dead: their norm is at most 1e-6 of the layer's typical norm (the root mean square of all); zeros are among them",
  },
  {
    head: "faint",
    keys: ["faint"],
    says: "how many neurons are faint: they aren't dead, but their norm is at most 1e-3 of the median norm of those that aren't, so that their directions are mostly noise; shown where there are some",
  },
  {
    head: "dup.",
    keys: ["duplicates"],
    says: "how many living neurons repeat an earlier one: they lie within a chord of 0.01 of it (or, in half space, of its opposite)",
  },
  {
    head: "rank",
    keys: ["effectiveRank"],
    says: "the effective rank: how many dimensions the directions fill evenly, (Σλ)²/Σλ² over the eigenvalues λ of their Gram matrix",
  },
  {
    head: "stable rank",
    keys: ["stableRank"],
    says: "‖W‖²/σ₁² of the rows as they are stored, the squared Frobenius norm over the squared largest singular value: small where one direction, or a few long rows, outweigh the rest",
    wide: true,
  },
  {
    head: "top share",
    keys: ["energyShares"],
    says: "the neuron with the largest part of the energy of the living ones, and that part; where all neurons are alike, each has 1/N",
    wide: true,
  },
] as const satisfies readonly ColumnText[];

/** A column's heading. */
export type ColumnHead = (typeof columnTexts)[number]["head"];

/** What a member of a layer in the JSON is, for the schema. */
export const saysOf = (key: string): string | undefined =>
  columnTexts.find(({ keys }) => (keys as readonly string[])[0] === key)?.says;
