/**
 * Statistics of all pairs of a table's rows, on any backend: by its own pass where it has one, else collected here from the products of
 * blocks of rows. What depends on weights and zero rows is added here, in float64: energies are the means that evaluators give.
 *
 * A row of zeros has no direction. Energies count its pairs as c = 0, as everywhere; everything else is of the other rows alone.
 */
import type { Backend, FloatArray } from "../backend/backend.js";
import type { CosinesAbout, PairStatistics, SimilarPair, StatisticsRequest } from "../backend/statistics.js";
import { pairFunction, potentialFunction } from "../energy/pair-function.js";
import { pairWeights } from "../energy/pair-weights.js";
import { EnergyError } from "../errors/energy-error.js";
import { type DirectionTable, directionTable } from "../estimate/direction-table.js";
import { checkWeights } from "../evaluate/check-weights.js";
import type { Kernel } from "../layout/layout.js";
import { referenceBackend } from "../reference/reference-backend.js";
import { collectFromProducts } from "./collect-from-products.js";
import { checkAbout, checkRequest, type TableRequest } from "./table-request.js";

/** What {@link pairStatistics} found. c is the cosine of two rows. */
export interface TableStatistics {
  /** N: the number of rows. */
  readonly count: number;
  /** How many rows aren't all zeros. Everything here but the energies and the shares is of those rows alone. */
  readonly living: number;
  /** Each of the request's energies, in its order: the mean over pairs, as `energyAndGradient` gives it. */
  readonly energies: Float64Array;
  /** Each row's share of the energy that `shareOf` names, `[N]`; they add up to it. Empty where it wasn't asked for. */
  readonly shares: Float64Array;
  /** Mean of c over pairs; 0 without pairs. */
  readonly meanCosine: number;
  /** Mean of |c| over pairs; 0 without pairs. */
  readonly meanAbsoluteCosine: number;
  /**
   * Sums over pairs of the cosines about another point, which `about` of the request asked for. Absent where it didn't, and where a backend's
   * own pass leaves them out: then the statistics of the rows less that point tell the same, in a pass of their own.
   */
  readonly about: PairStatistics["about"];
  /**
   * How many dimensions the directions fill evenly: (Σλ)²/Σλ² over the eigenvalues λ of their Gram matrix, also known as participation ratio.
   * 0 without rows.
   */
  readonly effectiveRank: number;
  /** How many pairs are in each bin of the angle, `[angleBins]`. Empty where it wasn't asked for. */
  readonly angles: Float64Array;
  /** Each row's nearest other row, `[N]`; −1 where there is none. Empty where it wasn't asked for. */
  readonly nearestRows: Int32Array;
  /** Each row's cosine with its nearest other row, with its sign, `[N]`; 0 where there is none. Empty where it wasn't asked for. */
  readonly nearestCosines: Float64Array;
  /** The pairs that are most alike, the most similar first. Empty where they weren't asked for. */
  readonly similar: readonly SimilarPair[];
  /** How many pairs lie within the chord that `within` names; 0 where it wasn't asked for. */
  readonly pairsWithin: number;
  /** How many rows lie within that chord of an earlier row, so that the table could do without them; 0 where it wasn't asked for. */
  readonly rowsWithin: number;
}

/**
 * Collects statistics over all pairs of a table's rows, exactly, in one pass: N²d operations, and memory in proportion to the table.
 *
 * float32 tables are computed on `backend`, float64 ones too if it is a float64 backend, else on the reference backend.
 *
 * @throws EnergyError `invalid-config` for a request that makes no sense; `invalid-shape`, `non-finite` for the weights; `unsupported`
 *   where separationFloor is 0 and the backend can't see coincident rows; `coincident-neurons` where it can, and there are some
 */
export async function pairStatistics<A>(
  backend: Backend<A>,
  weights: Kernel,
  request: TableRequest,
): Promise<TableStatistics> {
  const { normEpsilon = 0, ...asked } = request;
  checkRequest(request);
  if (weights?.data instanceof Float64Array && backend.precision === "float32") {
    return pairStatistics(referenceBackend(), weights, request);
  }
  if (asked.energies?.some(({ separationFloor }) => separationFloor === 0) && !backend.bareFormula) {
    throw new EnergyError(
      "unsupported",
      `pairStatistics: backend ${backend.name} can't see coincident rows in flight, so separationFloor must be above 0; got 0.`,
    );
  }
  const { data, count, dim, deadNeurons } = checkWeights(weights, backend);
  // The backend normalizes by itself, so that only rows without direction are taken out here.
  const own = backend.statistics !== undefined;
  const table = own && normEpsilon === 0 ? undefined : directionTable(data, count, dim, normEpsilon);
  const living = livingRows(data, count, dim, deadNeurons);
  checkAbout(asked.about, count);
  const wanted = { ...asked, about: asked.about && aboutOf(asked.about, living.rows) };
  let found: PairStatistics;
  if (own) {
    const shape = [1, living.rows.length, dim];
    [found] = (await backend.scope(() =>
      backend.statistics!(backend.directions(backend.upload(living.data, shape, "rows"), normEpsilon), wanted),
    )) as [PairStatistics];
  } else {
    found = await collectFromProducts(backend, table!, wanted);
  }
  return ofTable(found, living.rows, count, table, wanted);
}

/** What `about` says, for the living rows alone. */
const aboutOf = ({ own, other, offset }: CosinesAbout, rows: Int32Array): CosinesAbout => {
  const some = (numbers: FloatArray) => Float64Array.from(rows, (row) => numbers[row]!);
  return { own: some(own), other: some(other), offset: some(offset) };
};

interface LivingRows {
  readonly data: FloatArray;
  /** Which row of the table each is. */
  readonly rows: Int32Array;
}

function livingRows(data: FloatArray, count: number, dim: number, dead: number): LivingRows {
  if (dead === 0) return { data, rows: Int32Array.from({ length: count }, (_, row) => row) };
  const rows = new Int32Array(count - dead);
  const kept = data.slice(0, rows.length * dim);
  let to = 0;
  for (let row = 0; row < count; row++) {
    const start = row * dim;
    let k = 0;
    while (k < dim && data[start + k] === 0) k++;
    if (k === dim) continue;
    kept.set(data.subarray(start, start + dim), to * dim);
    rows[to++] = row;
  }
  return { data: kept, rows };
}

/** From sums over the living rows to means over the table, and to its row numbers. `table`: absent where all rows are unit. */
function ofTable(
  found: PairStatistics,
  rows: Int32Array,
  count: number,
  table: DirectionTable | undefined,
  { energies = [], shareOf, nearest }: StatisticsRequest,
): TableStatistics {
  const living = rows.length;
  const pairs = (living * (living - 1)) / 2;
  const perPair = pairs === 0 ? 0 : 1 / pairs;
  const shares = new Float64Array(shareOf === undefined ? 0 : count);
  const means = energies.map((pair, n) => {
    const terms = { value: 0, slope: 0, curvature: 0 };
    const weights = pairWeights(count, pair.space);
    const atRightAngles = pairFunction(pair)(2, 2, terms).value;
    const phi = potentialFunction(pair.potential);
    const ofDead = weights.self === 0 ? 0 : weights.self * phi(2, 2, terms).value;
    const ofSelf = (row: number): number => {
      if (weights.self === 0) return 0;
      const deficit = table?.deficits[row] ?? 0;
      return weights.self * phi(4 - 2 * deficit, 2 * deficit, terms).value;
    };
    let self = (count - living) * ofDead;
    for (let row = 0; row < living; row++) self += ofSelf(row);
    if (n === shareOf) {
      shares.fill((weights.pair / 2) * atRightAngles * (count - 1) + ofDead);
      rows.forEach((row, at) => {
        shares[row] = (weights.pair / 2) * (found.shares[at]! + atRightAngles * (count - living)) + ofSelf(at);
      });
    }
    const others = (count * (count - 1)) / 2 - pairs;
    return weights.pair * (found.energySums[n]! + atRightAngles * others) + self;
  });
  // Σλ = Σ‖x‖², and Σλ² = Σ‖x‖⁴ + 2Σc².
  let [trace, fourth] = [living, living];
  if (table) {
    [trace, fourth] = [0, 0];
    for (const length of table.lengths) {
      trace += length ** 2;
      fourth += length ** 4;
    }
  }
  const nearestRows = new Int32Array(nearest ? count : 0).fill(-1);
  const nearestCosines = new Float64Array(nearestRows.length);
  found.nearestRows.forEach((other, at) => {
    if (other < 0) return;
    nearestRows[rows[at]!] = rows[other]!;
    nearestCosines[rows[at]!] = found.nearestCosines[at]!;
  });
  return {
    count,
    living,
    energies: Float64Array.from(means),
    shares,
    meanCosine: found.cosineSum * perPair,
    meanAbsoluteCosine: found.absoluteSum * perPair,
    about: found.about,
    effectiveRank: living === 0 ? 0 : trace ** 2 / (fourth + 2 * found.squareSum),
    angles: found.angles,
    nearestRows,
    nearestCosines,
    similar: found.similar.map(({ i, j, cosine }) => ({ i: rows[i]!, j: rows[j]!, cosine })),
    pairsWithin: found.pairsWithin,
    rowsWithin: found.rowsWithin,
  };
}
