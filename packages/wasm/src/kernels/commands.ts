/**
 * The commands of the kernels, with their fields: the one description from which the build makes what writes commands on the host and what
 * reads them in the kernels (`scripts/build-commands.mjs`). At run time only its types are left.
 * "Float64" says that an array has 8 bytes a number; all others are float32, row-major.
 */
import { potentialCaseNames } from "@comhe/core/formulas";
import {
  array,
  choice,
  type Fields,
  flag,
  group,
  int,
  optionalArray,
  optionalGroup,
  optionalReal,
  real,
  type ValuesOf,
} from "./fields.js";

/** What every command begins with. */
export const header = {
  command: choice([
    "pairwise",
    "pairwiseProduct",
    "pairwiseEnergy",
    "selfEnergies",
    "mismatch",
    "mismatchProduct",
    "matmul",
    "directions",
    "pullback",
    "productRows",
    "innerProducts",
    "energies",
    "losses",
    "rootScales",
    "combine",
    "scaleBatch",
    "reduce",
    "gatherColumns",
    "scatterColumns",
    "sketch",
    "random",
    // Of kernels of its own, `assembly/statistics-kernels.ts`.
    "statistics",
  ]),
  scratch: array, // scratch memory of thread 0; those of the other threads follow, SCRATCH_BYTES each
} as const satisfies Fields;

/** The pairs of rows, cut into tiles; see `assembly/tiles.ts`. */
const tiles = group("TileFields", {
  batch: int, // batch entries
  rows: int, // rows of a batch entry, N
  side: int, // rows of a tile
  count: int, // tiles of a batch entry, those that odd numbers of blocks leave out included
  progress: array, // completed tiles of each block of rows, `[batch][blocks]`, int32, zeros at first
});

/** What a pair contributes to the energy; see `assembly/potential.ts`. */
const pair = group("PairFields", {
  potential: choice(potentialCaseNames), // the potential's case, as core's formulas tell them apart
  parameter: real, // s, t or p of the potential
  isHalf: flag, // whether the energy is that of half space
  isTwoSided: flag, // whether closeness to −x_j matters as closeness to x_j does
  floor: real, // u₀ = δ², δ the separation floor
  takesDifferences: flag, // whether near pairs are taken from differences of rows, which must be unit rows: ε = 0
});

/** The pair of a neuron with its antipode, in half space. */
const selfTerms = group("SelfTermFields", {
  weight: real, // what multiplies the self terms' part of the gradient
  pair,
  energies: optionalArray, // to φ(−x_iᵀx_i) of each row, float64
});

/** X, how it came about, and the gradient of a batch of rows that goes through it. */
const pulledRows = group("PulledRowFields", {
  rows: int, // rows of all batch entries
  dim: int, // d
  directions: array, // X
  inverses: array, // 1/ρ of each row, float64
  scale: real, // what multiplies the gradient
  scales: optionalArray, // what multiplies it besides in each batch entry, float64
  rowsOfEntry: int, // rows of a batch entry
  epsilon: real, // ε of the directions
  selfTerms: optionalGroup(selfTerms),
});

/** What both commands of the pairwise energy read. */
const pairs = group("PairwiseFields", {
  tiles,
  pair,
  dim: int, // d
  directions: array, // X
  inverses: array, // 1/ρ of each row, float64
  epsilon: real, // ε of the directions
});

/** The two sets whose angles are compared: X, the reference, and Z, projected. */
const sets = group("MismatchFields", {
  tiles,
  isAngle: flag, // whether m is the angle, else the cosine
  floor: real, // u₀ = δ², δ the separation floor
  withDiagonal: flag, // whether pairs of a row with itself count: form root with ε > 0
  projectedBatch: int, // batch entries of the projected set
  projected: array, // Z
  projectedDim: int, // k
  projectedInverses: array, // 1/ρ of each row of Z, float64
  projectedEpsilon: real, // ε of Z
  reference: array, // X; its batch entries are those of the tiles
  referenceDim: int, // d
  referenceInverses: array, // 1/ρ of each row of X, float64
  referenceEpsilon: real, // ε of X
});

/** Columns of a matrix, and where each of them goes. */
const columns = {
  rows: int, // rows
  dim: int, // columns of the matrix
  batch: int, // batch entries
  columns: int, // columns of each batch entry
  from: array, // what is read
  to: array, // what is written
  index: array, // `[batch][columns]`, int32: the matrix's column of each; −1: none
} as const;

export const commands = {
  pairwise: {
    pairs,
    gradient: array, // to the gradient on the directions, without its weight
    energies: array, // to Σψ of each tile, `[batch][tiles]`, float64
    packedForCosines: optionalArray, // room for every block of rows as the first product reads it; else each tile packs anew
    packedForGradients: optionalArray, // room for every block of rows as the second product reads it
  },
  pairwiseProduct: {
    pairs,
    change: array, // to Ġ
    turned: array, // Ẋ
  },
  pairwiseEnergy: {
    pairs,
    energies: array, // to Σψ of each tile, `[batch][tiles]`, float64
    packedForCosines: optionalArray, // room for every block of rows as the product reads it; else each tile packs anew
  },
  selfEnergies: {
    rows: int, // rows of all batch entries
    inverses: array, // 1/ρ of each row, float64
    epsilon: real, // ε of the directions
    pair,
    to: array, // to φ(−x_iᵀx_i) of each row, float64
  },
  mismatch: {
    sets,
    gradient: array, // to the gradient on Z, without its weight
    losses: array, // to Σf of each tile, `[batch][tiles]`, float64
  },
  mismatchProduct: {
    sets,
    change: array, // to Ġ
    turned: array, // Ż
    across: array, // to what goes across to the reference set
    crossScales: array, // what multiplies f_ab·ḃ, and f_a, in what goes across: two float64 for each batch entry
  },
  matmul: {
    a: array, // A
    b: array, // B
    to: array, // to the product
    rows: int, // rows of the product
    columns: int, // columns of the product
    inner: int, // numbers in each of its sums
    batchA: int, // batch entries of A
    batchB: int, // batch entries of B
    rowStrideA: int, // numbers from a row of A to the next
    innerStrideA: int, // numbers from an inner index of A to the next; one of both strides is 1
    innerStrideB: int, // numbers from an inner index of B to the next
    columnStrideB: int, // numbers from a column of B to the next; one of both strides is 1
    sumBatch: flag, // whether the products of the batch are added up
    entriesOfUnit: int, // batch entries that one thread computes in one go
  },
  directions: {
    rows: int, // rows of all batch entries
    dim: int, // d
    from: array, // W
    directions: array, // to X; a row without direction becomes zeros
    inverses: array, // to 1/ρ of each row, float64; 0 for a row without direction
    epsilon: real, // ε
  },
  pullback: {
    rows: pulledRows,
    from: array, // g
    to: array, // to J(g)·scale; it may be g itself
    along: optionalArray, // to scale·xᵀg of each row, from which the product recovers G, float64
  },
  productRows: {
    rows: pulledRows,
    change: array, // Ġ, which becomes H[V]
    vector: array, // V
    gradient: array, // the gradient on the raw rows
    along: array, // what the pullback left there, float64
    turns: optionalArray, // how much of the gradient each batch entry loses, float64
  },
  innerProducts: {
    batch: int, // batch entries
    size: int, // numbers in each
    a: array, // A
    b: array, // B
    to: array, // to ⟨A, B⟩ of each batch entry, float64
  },
  energies: {
    batch: int, // batch entries
    tiles: int, // tiles of a batch entry
    tileEnergies: array, // Σψ of each tile, float64
    weight: real, // what multiplies their sum
    rows: int, // rows of a batch entry
    selfEnergies: optionalArray, // φ(−x_iᵀx_i) of each row, float64
    selfWeight: optionalReal, // what multiplies their sum
    to: array, // to the energies
  },
  losses: {
    batch: int, // batch entries
    tiles: int, // tiles of a batch entry
    tileLosses: array, // Σf of each tile, float64
    weight: real, // what multiplies their sum
    isRoot: flag, // whether the root is taken: form root
    losses: array, // to L, float64
    scales: array, // to the scales of the gradients, float64: 1/(2L) in form root, else 1
    to: array, // to L
  },
  rootScales: {
    batch: int, // batch entries
    isRoot: flag, // whether the form is root
    along: array, // P = ⟨gradient, V⟩ of each batch entry, float64
    losses: array, // L, float64
    turns: array, // to P/L, float64
    crossScales: array, // to the scales of what goes across, 1/(2L) and P/(2L²) (1 and 0 for form mean), float64
  },
  combine: {
    size: int, // numbers in the sum
    period: int, // numbers in the term, which repeats
    to: array, // to the sum
    from: array, // the term
    scale: real, // what multiplies the term
    add: flag, // whether the term is added to what is there
  },
  scaleBatch: {
    batch: int, // batch entries of the result
    size: int, // numbers in each
    to: array, // to the result
    from: array, // the array
    fromBatch: int, // batch entries of the array
    weights: array, // what multiplies each
    weightsBatch: int, // how many weights there are: one, or one for each batch entry
  },
  reduce: {
    batch: int, // batch entries
    energies: array, // their energies
    isMax: flag, // whether the largest is taken, else the mean
    energy: array, // to the one energy
    weights: array, // to its derivatives in the energies
  },
  gatherColumns: columns,
  scatterColumns: columns,
  sketch: {
    isHadamard: flag, // whether by Walsh-Hadamard transforms, else count-sketch
    isBack: flag, // whether Σ_c Y_c P_c goes to W, else W P_cᵀ to Y_c
    rows: int, // N
    dim: int, // d
    count: int, // C, the number of matrices
    dimension: int, // k
    from: array, // W, `[N, d]`
    projected: array, // Y, `[C, N, k]`
    signs: array, // signs: of each transform's numbers, or of each matrix's columns
    index: array, // int32: which numbers of the transform are taken, or each column's bucket
    padded: int, // numbers in a transform, a power of two
    shared: int, // matrices that share a transform
  },
  random: {
    distribution: choice(["gaussian", "rademacher"]), // normal numbers, or signs
    count: int, // how many numbers
    to: array, // to the numbers
    key: array, // eight words of the key, then three of the nonce
    firstWord: int, // the word of the stream at which the numbers begin
  },
  statistics: {
    tiles,
    firstTask: int, // the first tile of this job, in the order in which tiles are taken
    lastTask: int, // the first one that isn't of this job
    dim: int, // d
    directions: array, // X
    inverses: array, // 1/ρ of each row, float64
    epsilon: real, // ε of the directions
    packedForCosines: optionalArray, // room for every block of rows as the product reads it; else each tile packs anew
    sums: array, // added to: Σc, Σ|c|, Σc², pairs within the chord, four Σψ, Σ|c′| and Σc′² of each block of rows, `[batch][blocks][10]`, float64
    energies: int, // how many of the following are wanted
    first: optionalGroup(pair),
    second: optionalGroup(pair),
    third: optionalGroup(pair),
    fourth: optionalGroup(pair),
    shareOf: int, // which of them rows' shares are of; −1: none
    shares: optionalArray, // added to: Σψ of each row, float64
    about: optionalArray, // p, q and b of each row, by which c′ is about another point than the origin, `[3][batch][rows]`
    bins: int, // bins of the angle; 0: none
    cells: optionalArray, // the bin of each cell of the cosine, or −1 − that in which comparing begins, int32
    edges: optionalArray, // cosines of the edges, descending, and one below all
    histogram: optionalArray, // added to: pairs in each bin, `[threads][batch][bins]`, int64
    isNearestHalf: flag, // whether the nearest is by |c|, else by c
    nearestRanks: optionalArray, // of each row what its nearest ranks at, float64; absent: not wanted
    nearestCosines: optionalArray, // the cosine with it, float64
    nearestRows: optionalArray, // its number within the batch entry, int32
    isSimilarHalf: flag, // whether the most similar pairs are those by |c|, else by c
    similarLimit: int, // how many are kept; 0: none
    similar: optionalArray, // heaps of pairs, `[threads][batch][limit]`, 24 bytes each
    similarCounts: optionalArray, // pairs in each heap, int32
    chordSquared: real, // pairs within this chord are counted; below 0: none
    isWithinHalf: flag, // whether those within it of each other's opposites are, too
    isWithin: optionalArray, // 1 for each row within the chord of an earlier one, bytes
  },
} as const satisfies Record<(typeof header.command.choices)[number], Fields>;

export type CommandName = keyof typeof commands;
export type CommandFields<N extends CommandName> = ValuesOf<(typeof commands)[N]>;
export type TileFields = ValuesOf<typeof tiles.fields>;
export type PulledRowFields = ValuesOf<typeof pulledRows.fields>;
export type SelfTermFields = ValuesOf<typeof selfTerms.fields>;
export type PairFields = ValuesOf<typeof pair.fields>;
export type MismatchFields = ValuesOf<typeof sets.fields>;
