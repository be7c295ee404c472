/** Energies of tables too large for all pairs: from a sample of them, with an interval; exact where the budget allows. */
import type { Backend, FloatArray, PairSpec } from "../backend/backend.js";
import { defineEnergy } from "../config/define-energy.js";
import { everyRow } from "../config/every-row.js";
import type { EnergyConfig, EnergySpec, PotentialSpec } from "../config/types.js";
import { potentialFunction } from "../energy/potential.js";
import { pairFunction, pairWeights } from "../energy/separation.js";
import { EnergyError } from "../errors/energy-error.js";
import { checkWeights } from "../evaluate/check-weights.js";
import { energyAndGradient } from "../evaluate/evaluator.js";
import { createProgram } from "../evaluate/program.js";
import type { Kernel, Neurons } from "../layout/layout.js";
import type { HostArray } from "../projection/projection.js";
import { denseMatrices } from "../random/sketch.js";
import { directionTable, pairEvaluator } from "./direction-table.js";
import { estimatePairMean, type ObservePair } from "./pair-sum.js";
import { studentQuantile } from "./student.js";

export interface EstimateOptions {
  /** Milliseconds. What can be computed exactly in that time is. The result then depends on the machine's speed. */
  readonly budget?: number | undefined;
  /** How many pairs may be evaluated, at least 100; with as many as there are, the result is exact. Or `budget`. */
  readonly pairs?: number | undefined;
  /** A whole number ≥ 0 that fixes the sample and the projections. Default 0. */
  readonly seed?: number | undefined;
  /** Tells the samples of one seed apart. Default "". */
  readonly name?: string | undefined;
  /**
   * Called with every sampled pair of rows, its cosine, and how many of all pairs it stands for: for histograms and the
   * nearest pairs. Never called where the result is exact by the backend.
   */
  readonly observe?: ObservePair | undefined;
}

export interface EnergyEstimate {
  readonly energy: number;
  /** A 95 % interval; both are `energy` where it is exact. */
  readonly low: number;
  readonly high: number;
  readonly exact: boolean;
  /** Pairs evaluated, and pairs there are (times projections). */
  readonly pairs: number;
  readonly allPairs: number;
  readonly deadNeurons: number;
  /** In words: how it was found. */
  readonly method: string;
}

/**
 * Energy of a table with N rows of which all pairs are too many.
 *
 * Near pairs, which carry the heavy tail at s = 2, are searched for in blocks of similar rows and found all but surely; all
 * others are sampled. Both are weighted so that the estimate is unbiased: see `pair-sum.ts`. Besides the pairs, the search
 * takes inner products of its own: 24 to 624 for each row, most often twice as many as pairs at most.
 *
 * Projections `none`, `random`, `fixed` and `pca` with `reduce: "mean"` can be sampled; others are exact or refused. The
 * config's `sample`, which is for training, isn't looked at.
 *
 * @throws EnergyError `invalid-config`, `invalid-shape`, `non-finite`; `unsupported` for objectives, and for projections that
 *   can't be sampled; `coincident-neurons` with separationFloor 0
 */
export async function estimateEnergy<A>(
  backend: Backend<A>,
  config: EnergyConfig | EnergySpec,
  weights: Kernel,
  options: EstimateOptions,
): Promise<EnergyEstimate> {
  const begin = Date.now();
  const spec = everyRow(potentialSpec(defineEnergy(config)));
  checkOptions(options);
  const neurons = checkWeights(weights);
  const { count, deadNeurons } = neurons;
  const { seed = 0, name = "", observe } = options;
  const copies = copiesOf(spec);
  const allPairs = ((count * (count - 1)) / 2) * (copies ?? 1);
  const exactly = async () => {
    const { energy } = await energyAndGradient(backend, spec, weights, { seed, name });
    const method = `exact, all ${allPairs} pairs`;
    return { energy, low: energy, high: energy, exact: true, pairs: allPairs, allPairs, deadNeurons, method };
  };
  const { pairs: wanted, budget } = options;
  if (count < 200 || (wanted !== undefined && wanted >= allPairs)) return exactly();
  if (budget !== undefined && (await predictExact(backend, spec, neurons, seed)) <= 0.8 * budget) return exactly();
  if (copies === undefined) {
    throw new EnergyError(
      "unsupported",
      `estimateEnergy: projection "${spec.projection.kind}" can't be sampled; expected "none", or "random", "fixed" or ` +
        '"pca" with reduce "mean". Raise the budget to have it computed exactly.',
      { path: "projection" },
    );
  }
  const pairs = wanted ?? pairsWithin(budget! - (Date.now() - begin), neurons, spec);
  const { potential, space, separationFloor, normEpsilon } = spec;
  const pair: PairSpec = { potential, space, separationFloor };
  let energy = 0;
  let variance = 0;
  let evaluated = 0;
  let freedom = Number.POSITIVE_INFINITY;
  let searched = true;
  for (const { data, width, index } of projectedTables(spec, neurons, seed, name)) {
    const each = Math.max(100, Math.floor(pairs / copies));
    const part = estimateRows({ data, count, dim: width }, pair, normEpsilon, {
      pairs: each,
      seed,
      name: `${name}, ${index}`,
      observe: copies === 1 && spec.projection.kind === "none" ? observe : undefined,
    });
    energy += part.energy / copies;
    variance += part.variance / copies ** 2;
    freedom = Math.min(freedom, part.degreesOfFreedom);
    evaluated += part.evaluated;
    searched &&= part.searched;
  }
  const half = studentQuantile(freedom) * Math.sqrt(variance);
  const share = ((100 * evaluated) / allPairs).toPrecision(2);
  const method = `sampled, ${share} % of the pairs${searched ? ", near pairs by search" : ", near pairs too common to search"}`;
  return {
    energy,
    low: energy - half,
    high: energy + half,
    exact: false,
    pairs: evaluated,
    allPairs,
    deadNeurons,
    method,
  };
}

/** Energy of rows from sampled pairs; pairs with a dead row, and half space's own pairs, exactly. */
function estimateRows(
  { data, count, dim }: Neurons,
  pair: PairSpec,
  normEpsilon: number,
  options: { pairs: number; seed: number; name: string; observe: ObservePair | undefined },
) {
  const table = directionTable(data, count, dim, normEpsilon);
  const live = (table.count * (table.count - 1)) / 2;
  const all = (count * (count - 1)) / 2;
  const weights = pairWeights(count, pair.space);
  const terms = { value: 0, slope: 0, curvature: 0 };
  const atRightAngles = pairFunction(pair)(2, 2, terms).value;
  const sum = table.count < 2 ? undefined : estimatePairMean(table, pair, options);
  let self = 0;
  if (weights.self > 0) {
    const phi = potentialFunction(pair.potential);
    for (const deficit of table.deficits) self += phi(4 - 2 * deficit, 2 * deficit, terms).value;
    self += (count - table.count) * phi(2, 2, terms).value;
  }
  return {
    energy: weights.pair * ((sum?.mean ?? 0) * live + atRightAngles * (all - live)) + weights.self * self,
    variance: (sum?.variance ?? 0) * (weights.pair * live) ** 2,
    degreesOfFreedom: sum?.degreesOfFreedom ?? Number.POSITIVE_INFINITY,
    evaluated: sum?.evaluated ?? 0,
    searched: sum?.searched ?? false,
  };
}

function potentialSpec(spec: EnergySpec): PotentialSpec {
  if (spec.potential) return spec;
  throw new EnergyError(
    "unsupported",
    `estimateEnergy: expected an energy of pairs, got the objective "${spec.objective.kind}", which isn't a mean over pairs.`,
    { path: "objective" },
  );
}

/** How many energies the projection takes the mean of; `undefined` where it can't be sampled. */
function copiesOf({ projection }: PotentialSpec): number | undefined {
  if ("compose" in projection) return undefined;
  if (projection.kind === "none" || projection.kind === "pca") return 1;
  if (projection.kind === "random" && projection.reduce === "mean") return projection.count;
  if (projection.kind === "fixed" && projection.reduce === "mean") {
    const { shape } = projection.matrices;
    return shape.length === 3 ? shape[0] : 1;
  }
  return undefined;
}

/** Rows of W·P_cᵀ, one set at a time; the rows themselves without projection. */
function* projectedTables(
  spec: PotentialSpec,
  { data, count, dim }: Neurons,
  seed: number,
  name: string,
): Generator<{ data: FloatArray; width: number; index: number }> {
  if (spec.projection.kind === "none") {
    yield { data, width: dim, index: 0 };
    return;
  }
  const { arrays, sketch } = createProgram(spec, { seed, name }).prepare({ count, dim, rows: () => data });
  const matrices: HostArray = sketch ? denseMatrices(sketch) : arrays.matrices!;
  const [copies = 1, width = 1] = matrices.shape;
  for (let c = 0; c < copies; c++) {
    const projected = data instanceof Float64Array ? new Float64Array(count * width) : new Float32Array(count * width);
    for (let i = 0; i < count; i++) {
      for (let row = 0; row < width; row++) {
        const start = (c * width + row) * dim;
        let sum = 0;
        for (let k = 0; k < dim; k++) sum += data[i * dim + k]! * matrices.data[start + k]!;
        projected[i * width + row] = sum;
      }
    }
    yield { data: projected, width, index: c };
  }
}

/** Milliseconds that the backend would take for all pairs, from a probe of few rows. */
async function predictExact<A>(
  backend: Backend<A>,
  spec: PotentialSpec,
  { data, count, dim }: Neurons,
  seed: number,
): Promise<number> {
  const rows = Math.min(count, 1024);
  const probe: Kernel = { data: data.slice(0, rows * dim), shape: [rows, dim] };
  await energyAndGradient(backend, spec, probe, { seed });
  const begin = Date.now();
  await energyAndGradient(backend, spec, probe, { seed });
  return (Date.now() - begin + 0.5) * (count / rows) ** 2;
}

/** Pairs that fit into so many milliseconds, by the time a few take here: random rows, out of cache. */
function pairsWithin(milliseconds: number, { data, count, dim }: Neurons, spec: PotentialSpec): number {
  const probe = 20_000;
  const stride = Math.max(1, Math.floor(count / probe));
  const rows = Math.min(count, probe);
  const some = data instanceof Float64Array ? new Float64Array(rows * dim) : new Float32Array(rows * dim);
  for (let n = 0; n < rows; n++) some.set(data.subarray(n * stride * dim, (n * stride + 1) * dim), n * dim);
  const { potential, space, separationFloor, normEpsilon } = spec;
  const table = directionTable(some, rows, dim, normEpsilon);
  const floor = Math.max(separationFloor, 1e-6);
  const evaluate = pairEvaluator(table, { potential, space, separationFloor: floor });
  const out = { value: 0, cosine: 0, angle: 0 };
  const begin = Date.now();
  let done = 0;
  while (table.count > 1 && Date.now() - begin < 60) {
    for (let n = 0; n < 5000; n++, done++)
      evaluate((done * 7919) % table.count, (done * 104_729 + 1) % table.count, out);
  }
  const each = (Date.now() - begin) / Math.max(1, done);
  // Drawing and far memory cost about as much again, the blocks' planes as much as the pairs.
  return Math.max(1000, Math.floor(milliseconds / (each * 3.5 + 1e-4)));
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
