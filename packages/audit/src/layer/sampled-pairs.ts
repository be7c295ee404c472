/** What a sample says of pairs that are too many: the energies by estimates, each with its interval, and beside them what the drawn pairs show. */
import {
  type Backend,
  defineEnergy,
  type EnergyEstimate,
  estimateEnergy,
  type FloatArray,
  type Kernel,
  type PairObserver,
  type PotentialSpec,
  randomStream,
} from "@comhe/core";
import { PairCollector } from "./pair-collector.js";
import type { LayerPairs, LivingRows, PairsOptions } from "./pair-results.js";
import { chosenRows } from "./row-scan.js";
import type { AuditSettings } from "./settings.js";
import { gramSquares } from "./squared-cosines.js";
import { livingPlaces, raiseSmallRows, type UnitRows } from "./unit-rows.js";
import { sampledCentredPairs } from "./without-mean.js";

/** Products of XᵀX for each millisecond of the budget: a tenth of what two cores do. */
const productsOfGram = 5e5;

/** Rows from which on XᵀX knows more of c² than drawn pairs do. */
const fewestOfGram = 1000;

/** What the energies of a layer may take of the time that is left: that of the living neurons half, the others half of what is left then. */
const shareOfSample = 0.5;

/** Pairs drawn for cosines alone, beside an energy that is exact. */
const drawnBeside = 2_000_000;

/** @param rows `[count, dim]`, finite */
export async function sampledPairs<A>(
  backend: Backend<A>,
  rows: FloatArray,
  dim: number,
  directions: UnitRows,
  alive: LivingRows,
  settings: AuditSettings,
  { name, end, tick }: PairsOptions,
): Promise<LayerPairs> {
  const { spec, seed, pairs } = settings;
  const { living, live } = directions;
  const collector = new PairCollector(livingPlaces(directions));
  const estimate = (of: PotentialSpec, kernel: Kernel, observe?: PairObserver): Promise<EnergyEstimate> => {
    const limit = pairs === null ? { budget: Math.max(1, shareOfSample * (end - performance.now())) } : { pairs };
    return estimateEnergy(backend, of, kernel, { ...limit, seed, name, observe });
  };
  // What the layer is judged by comes first, and takes the largest share.
  const judged = await estimate(spec, alive, collector);
  await tick(0.4);
  const stored: Kernel = { data: raiseSmallRows(rows, live.length, dim), shape: [live.length, dim] };
  const own = living < live.length ? await estimate(spec, stored) : judged;
  await tick(0.6);
  const space = spec.space === "half" ? "full" : "half";
  const other = await estimate(defineEnergy({ ...spec, space }) as PotentialSpec, stored);
  // An energy that the time allowed to be exact is of pairs that nobody saw: some of them are drawn for the rest.
  if (judged.exact) await estimateEnergy(backend, spec, alive, { pairs: drawnBeside, seed, name, observe: collector });
  const squares = await squaredCosines(backend, directions, dim, settings, name);
  const seen = collector.result(dim, squares?.mean);
  const [full, half] = spec.space === "full" ? [own, other] : [other, own];
  const interval = ({ exact, low, high }: EnergyEstimate) => (exact ? null : ([low, high] as const));
  return {
    ...seen,
    copies: null,
    full: full.energy,
    half: half.energy,
    living: living < live.length ? judged.energy : null,
    distinct: null,
    interval: interval(own),
    livingInterval: living < live.length ? interval(judged) : null,
    exact: false,
    method: judged.method,
    shares: [],
    centred: sampledCentredPairs(alive.stored, dim, seed, name),
    estimates: [
      "meanCosine",
      ...(squares?.ofAll ? [] : (["effectiveRank"] as const)),
      ...(["angles", "centredCosine", "isotropy"] as const),
    ],
  };
}

/**
 * Mean of c² over the pairs of living neurons, for the effective rank, from XᵀX of all of them or of so many, drawn at random, as a small part of the
 * budget allows: n rows are n²/2 pairs at the cost of n. Where even a thousand rows cost more, it is left to the sample.
 */
async function squaredCosines<A>(
  backend: Backend<A>,
  directions: UnitRows,
  dim: number,
  { budget, pairs, seed }: AuditSettings,
  name: string,
): Promise<{ readonly mean: number; readonly ofAll: boolean } | undefined> {
  const affordable = budget === null ? 10 * (pairs ?? 0) * dim : productsOfGram * budget;
  const places = livingPlaces(directions);
  const rows = Math.min(places.length, Math.floor(affordable / dim ** 2));
  if (rows < Math.min(places.length, fewestOfGram) || rows < 2) return undefined;
  const chosen = rows === places.length ? places : drawRows(places, rows, seed, name);
  const squares = await gramSquares(backend, chosenRows(directions.unit, dim, chosen), dim);
  return { mean: (squares - rows) / (rows * (rows - 1)), ofAll: rows === places.length };
}

/** Some of the rows, each as likely as the others; ascending. */
function drawRows(places: Int32Array, wanted: number, seed: number, name: string): Int32Array {
  const stream = randomStream(seed, `${name}, rows of XᵀX`, 0);
  let taken = 0;
  return places.filter((_, n) => {
    const take = stream.below(places.length - n) < wanted - taken;
    if (take) taken++;
    return take;
  });
}
