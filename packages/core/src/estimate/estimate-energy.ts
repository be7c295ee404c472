/** Energies of tables too large for all pairs: from a sample of them, with an interval; exact where the budget allows. */
import type { Backend, PairSpec } from "../backend/backend.js";
import { defineEnergy } from "../config/define-energy.js";
import { everyRow } from "../config/every-row.js";
import type { EnergyConfig, EnergySpec, PotentialSpec } from "../config/types.js";
import { pairFunction, potentialFunction } from "../energy/pair-function.js";
import { pairWeights } from "../energy/pair-weights.js";
import { EnergyError } from "../errors/energy-error.js";
import { checkWeights } from "../evaluate/check-weights.js";
import { createEvaluator } from "../evaluate/evaluator.js";
import type { Kernel } from "../layout/layout.js";
import { referenceBackend } from "../reference/reference-backend.js";
import { partOf, startClock } from "./clock.js";
import { directionTable } from "./direction-table.js";
import { predictExact } from "./exact-time.js";
import { estimatePairMean, type PairObserver, type PairSum, type PairSumOptions } from "./pair-sum.js";
import { leastTables } from "./plan.js";
import { copiesOf, projectedTables } from "./projected-tables.js";
import { type RowProducts, type Rows, rowProducts } from "./row-products.js";
import { studentQuantile } from "./student.js";

/** Options of {@link estimateEnergy}: a time or a number of pairs, and what fixes the sample. */
export interface EstimateOptions {
  /**
   * Milliseconds for all of it, checks and searching included; either this or `pairs`. What can be computed exactly in that time is computed
   * exactly, so that the result depends on the machine's speed.
   *
   * It is exceeded where it is less than the least work: for each projection a pass over the rows, four tables of blocks (some 200
   * products for each number) and 20,000 draws; and by what can't be interrupted: a call of the backend, and the pairs within blocks. An exact
   * computation is begun where it is expected to take at most 70 % of what is left.
   */
  readonly budget?: number | undefined;
  /**
   * How many pairs may be evaluated, at least 100; either this or `budget`. With as many as there are, the result is exact. Where it is fewer
   * than there are rows, near pairs that were found are evaluated beyond it.
   */
  readonly pairs?: number | undefined;
  /** A whole number ≥ 0 that fixes the sample and the projections. Default 0. */
  readonly seed?: number | undefined;
  /** Tells the samples of one seed apart: the table's name, say. Default "". */
  readonly name?: string | undefined;
  /**
   * Is told every sampled pair of rows, its cosine, and how many of all pairs it stands for, so that a caller can collect histograms and the
   * nearest pairs. It isn't called where the backend computes all pairs, nor for projected rows.
   */
  readonly observe?: PairObserver | undefined;
}

/** What {@link estimateEnergy} found. */
export interface EnergyEstimate {
  /** An unbiased estimate of the energy, or the energy itself where `exact` is true. */
  readonly energy: number;
  /** Lower end of a 95 % confidence interval; `energy` itself where that is exact. */
  readonly low: number;
  /** Upper end of the 95 % confidence interval; `energy` itself where that is exact. */
  readonly high: number;
  /** Whether all pairs were computed. */
  readonly exact: boolean;
  /** How many pairs were evaluated, over all projections. */
  readonly pairs: number;
  /** How many pairs there are, times the number of projections. */
  readonly allPairs: number;
  /** How many rows are zero. They have no direction; their pairs count as right angles. */
  readonly deadNeurons: number;
  /** The time it took, in milliseconds. */
  readonly milliseconds: number;
  /** How the energy was found, in words. */
  readonly method: string;
}

/**
 * Estimates the energy of a table with so many rows that its pairs are too many to compute them all. Tables with fewer than 200 rows
 * are always computed exactly.
 *
 * Near pairs, which carry the heavy tail at s = 2, are searched for in blocks of similar rows and found all but surely; all
 * others are sampled. Both are weighted so that the estimate is unbiased. Besides the pairs, the backend
 * multiplies each row with the normals of the blocks' planes, 200 to 600 most often.
 *
 * Projections `none`, `random`, `fixed` and `pca` with `reduce: "mean"` can be sampled; others are exact or refused. The
 * config's `sample`, which is for training, isn't looked at.
 *
 * @param weights the table, `[N, d]`, or a kernel with its layout
 * @param options either `budget` or `pairs`, and what fixes the sample
 * @throws EnergyError `invalid-config` for wrong options or a wrong config; `invalid-shape`, `non-finite` for wrong weights; `unsupported` for
 *   objectives, and for projections that can't be sampled; `coincident-neurons` where `separationFloor` is 0 and two rows coincide
 */
export async function estimateEnergy<A>(
  backend: Backend<A>,
  config: EnergyConfig | EnergySpec,
  weights: Kernel,
  options: EstimateOptions,
): Promise<EnergyEstimate> {
  const { pairs: wanted, budget, seed = 0, name = "", observe } = options ?? {};
  const clock = startClock(budget ?? Number.POSITIVE_INFINITY);
  const spec = everyRow(potentialSpec(defineEnergy(config)));
  checkOptions(options);
  const neurons = checkWeights(weights);
  const { count, deadNeurons } = neurons;
  const copies = copiesOf(spec);
  const allPairs = ((count * (count - 1)) / 2) * (copies ?? 1);
  const exactly = async (): Promise<EnergyEstimate> => {
    const energy = await createEvaluator(backend, spec, { seed, name }).energy(weights);
    const found = { energy, low: energy, high: energy, exact: true, pairs: allPairs, allPairs, deadNeurons };
    return { ...found, milliseconds: clock.spent(), method: `exact, all ${allPairs} pairs` };
  };
  if (count < 200 || (wanted !== undefined && wanted >= allPairs)) return exactly();
  if (budget !== undefined) {
    const expected = await predictExact(backend, spec, neurons, seed, clock);
    if (expected <= mostOfBudget * clock.left()) return exactly();
  }
  if (copies === undefined) {
    throw new EnergyError(
      "unsupported",
      `estimateEnergy: projection "${spec.projection.kind}" can't be sampled; expected "none", or "random", "fixed" or ` +
        '"pca" with reduce "mean". Raise the budget to have it computed exactly.',
      { path: "projection" },
    );
  }
  // As everywhere, float64 weights are computed in float64.
  const products = neurons.data instanceof Float64Array ? rowProducts(referenceBackend()) : rowProducts<A>(backend);
  const { potential, space, separationFloor } = spec;
  const pair: PairSpec = { potential, space, separationFloor };
  const sums = {
    energy: 0,
    variance: 0,
    freedom: Number.POSITIVE_INFINITY,
    pairs: 0,
    tables: Number.POSITIVE_INFINITY,
  };
  let copy = 0;
  for await (const rows of projectedTables(spec, neurons, products, { seed, name })) {
    const limit =
      wanted === undefined
        ? { clock: partOf(clock, 0.99 / (copies - copy)) }
        : { pairs: Math.max(100, Math.floor(wanted / copies)) };
    const part = await estimateRows(rows, pair, spec.normEpsilon, products, {
      limit,
      seed,
      name: `${name}, ${copy++}`,
      observe: copies === 1 && spec.projection.kind === "none" ? observe : undefined,
    });
    sums.energy += part.energy / copies;
    sums.variance += part.variance / copies ** 2;
    sums.freedom = Math.min(sums.freedom, part.degreesOfFreedom);
    sums.pairs += part.evaluated;
    sums.tables = Math.min(sums.tables, part.tables);
  }
  const half = studentQuantile(sums.freedom) * Math.sqrt(sums.variance);
  return {
    energy: sums.energy,
    low: sums.energy - half,
    high: sums.energy + half,
    exact: false,
    pairs: sums.pairs,
    allPairs,
    deadNeurons,
    milliseconds: clock.spent(),
    method: `sampled, ${((100 * sums.pairs) / allPairs).toPrecision(2)} % of the pairs, ${searchInWords(sums.tables)}`,
  };
}

/** The share of the time left that all pairs may be expected to take, for the exact energy to be begun. */
const mostOfBudget = 0.7;

function searchInWords(tables: number): string {
  if (tables === 0) return "near pairs too common to search";
  return tables < leastTables
    ? `near pairs by a search cut short, ${tables} of ${leastTables}`
    : "near pairs by search";
}

/** Energy of rows from sampled pairs; pairs with a dead row, and half space's own pairs, exactly. */
async function estimateRows(
  { data, count, dim }: Rows,
  pair: PairSpec,
  normEpsilon: number,
  products: RowProducts,
  options: PairSumOptions,
) {
  const table = directionTable(data, count, dim, normEpsilon);
  const live = (table.count * (table.count - 1)) / 2;
  const all = (count * (count - 1)) / 2;
  const weights = pairWeights(count, pair.space);
  const terms = { value: 0, slope: 0, curvature: 0 };
  const atRightAngles = pairFunction(pair)(2, 2, terms).value;
  const sum = table.count < 2 ? nothing : await estimatePairMean(table, pair, products, options);
  let self = 0;
  if (weights.self > 0) {
    const phi = potentialFunction(pair.potential);
    for (const deficit of table.deficits) self += phi(4 - 2 * deficit, 2 * deficit, terms).value;
    self += (count - table.count) * phi(2, 2, terms).value;
  }
  return {
    ...sum,
    energy: weights.pair * (sum.mean * live + atRightAngles * (all - live)) + weights.self * self,
    variance: sum.variance * (weights.pair * live) ** 2,
  };
}

/** The sum over the pairs of fewer than two rows. */
const nothing: PairSum = { mean: 0, variance: 0, degreesOfFreedom: Number.POSITIVE_INFINITY, evaluated: 0, tables: 0 };

function potentialSpec(spec: EnergySpec): PotentialSpec {
  if (spec.potential) return spec;
  throw new EnergyError(
    "unsupported",
    `estimateEnergy: expected an energy of pairs, got the objective "${spec.objective.kind}", which isn't a mean over pairs.`,
    { path: "objective" },
  );
}

function checkOptions({ budget, pairs }: EstimateOptions = {}): void {
  const wrong = (path: string, expected: string, got: unknown) =>
    new EnergyError("invalid-config", `estimateEnergy: ${path}: expected ${expected}, got ${got}.`, { path });
  if ((budget === undefined) === (pairs === undefined)) {
    throw wrong("budget", "either budget (milliseconds) or pairs", budget === undefined ? "neither" : "both");
  }
  if (budget !== undefined && !(budget > 0)) throw wrong("budget", "milliseconds > 0", budget);
  if (pairs !== undefined && !(pairs >= 100)) throw wrong("pairs", "a number ≥ 100", pairs);
}
