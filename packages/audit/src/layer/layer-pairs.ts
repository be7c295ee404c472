/**
 * What the pairs of a layer's neurons say. All pairs in one pass where that is few or the time allows, which gives everything exactly; else the
 * energies by estimates, and beside them what their sample sees.
 */
import {
  type Backend,
  type FloatArray,
  type Kernel,
  type PairSpec,
  type PotentialSpec,
  pairStatistics,
  type TableRequest,
} from "@comhe/core";
import { copyChord, copyGroups } from "./near-copies.js";
import { angleBins } from "./pair-collector.js";
import type { LayerPairs, LivingRows, PairsOptions } from "./pair-results.js";
import { sampledPairs } from "./sampled-pairs.js";
import type { AuditSettings } from "./settings.js";
import { livingPlaces, livingRows, raiseSmallRows, type UnitRows } from "./unit-rows.js";
import { aboutMean, centredOf, centredPairs, sampledCentredPairs } from "./without-mean.js";

/** Neurons that are named for their share of the energy. */
const sharesKept = 5;

/** Pairs that are all looked at without asking what it costs, as long as their products are few. */
export const fewPairs = 3_000_000;

/** Products that cost less than to sample: a second or so; and for each millisecond of the budget, a few hundredths of it. */
export const [fewProducts, fewForMillisecond] = [2e9, 1e5];

/** Of the budget, what one pass over all pairs may be expected to take. */
const shareOfPass = 0.7;

/** Pairs kept to join groups of copies that nearest rows leave apart. */
const similarKept = 1024;

/** @param rows `[count, dim]`, finite */
export async function layerPairs<A>(
  backend: Backend<A>,
  rows: FloatArray,
  dim: number,
  directions: UnitRows,
  settings: AuditSettings,
  options: PairsOptions,
): Promise<LayerPairs> {
  const { living } = directions;
  const stored = living === rows.length / dim ? rows : livingRows(rows, dim, directions);
  const alive: LivingRows = { data: raised(stored, dim), shape: [living, dim], stored };
  if (living < 2 || (await passFits(backend, alive, settings, options.end)))
    return onePass(backend, rows, dim, directions, alive, settings, options);
  return sampledPairs(backend, rows, dim, directions, alive, settings, options);
}

const raised = (rows: FloatArray, dim: number) => raiseSmallRows(rows, rows.length / dim, dim);

const pairOf = ({ potential, separationFloor }: PotentialSpec, space: "full" | "half"): PairSpec => ({
  potential,
  space,
  separationFloor,
});

function requestOf({ spec }: AuditSettings): TableRequest {
  return {
    // With ε > 0 products of rows are less than cosines, so that energies take a pass of their own.
    ...(spec.normEpsilon === 0 ? { energies: energiesOf(spec), shareOf: ownEnergy(spec) } : {}),
    angleBins,
    nearest: spec.space,
    // By |cosine| in either space: opposite neurons are shown too.
    similar: { limit: similarKept, space: "half" },
    within: { chord: copyChord, space: spec.space },
  };
}

const energiesOf = (spec: PotentialSpec): readonly PairSpec[] => [pairOf(spec, "full"), pairOf(spec, "half")];

/** Which of {@link energiesOf} scores are of. */
const ownEnergy = ({ space }: PotentialSpec): 0 | 1 => (space === "full" ? 0 : 1);

function energyPass<A>(backend: Backend<A>, spec: PotentialSpec, data: FloatArray, dim: number) {
  const shape = [data.length / dim, dim];
  const request = { energies: energiesOf(spec), shareOf: ownEnergy(spec), normEpsilon: spec.normEpsilon };
  return pairStatistics(backend, { data: raised(data, dim), shape }, request);
}

async function energiesAlone<A>(
  backend: Backend<A>,
  spec: PotentialSpec,
  data: FloatArray,
  dim: number,
): Promise<Float64Array> {
  return (await energyPass(backend, spec, data, dim)).energies;
}

/** The largest shares; none where potentials of both signs make parts of a sum that say nothing. */
function largestShares(shares: Float64Array, places: Int32Array): LayerPairs["shares"] {
  const sum = shares.reduce((total, share) => total + share, 0);
  if (shares.length < 2 || !(sum > 0) || shares.some((share) => share < 0)) return [];
  return [...shares.keys()]
    .sort((a, b) => shares[b]! - shares[a]! || a - b)
    .slice(0, sharesKept)
    .map((at) => ({ row: places[at]!, share: shares[at]! / sum }));
}

/** Whether all pairs can be looked at: they are few, nobody limits them, or a try on fewer rows says that the time suffices. */
async function passFits<A>(
  backend: Backend<A>,
  { data, shape }: Kernel,
  settings: AuditSettings,
  end: number,
): Promise<boolean> {
  const [count = 0, dim = 0] = shape;
  const pairs = (count * (count - 1)) / 2;
  const { budget, pairs: most } = settings;
  if (most !== null) return pairs <= most;
  if (budget === null) return true;
  if (pairs <= fewPairs && pairs * dim <= Math.min(fewProducts, fewForMillisecond * budget)) return true;
  const request = requestOf(settings);
  const left = end - performance.now();
  const probe = async (size: number) => {
    const begin = performance.now();
    await pairStatistics(backend, { data: data.slice(0, size * dim), shape: [size, dim] }, request);
    return performance.now() - begin;
  };
  // The first try starts the backend. What doesn't grow with the pairs drops out of the difference of two tries.
  let size = Math.min(256, count);
  await probe(size);
  let time = await probe(size);
  let rate = time / size ** 2;
  while (time < 0.01 * left && 2 * size <= Math.min(4096, count)) {
    const longer = await probe(2 * size);
    rate = Math.max(0, longer - time) / (3 * size ** 2);
    [size, time] = [2 * size, longer];
  }
  const expected = time + rate * Math.max(0, count ** 2 - size ** 2);
  return expected <= shareOfPass * left;
}

async function onePass<A>(
  backend: Backend<A>,
  rows: FloatArray,
  dim: number,
  directions: UnitRows,
  alive: LivingRows,
  settings: AuditSettings,
  { tick, name, end }: PairsOptions,
): Promise<LayerPairs> {
  const { spec, budget, pairs: most, seed } = settings;
  const { living, live } = directions;
  const count = live.length;
  const places = livingPlaces(directions);
  const own = spec.space === "full" ? 0 : 1;
  // One row of zeros stands for no row at all.
  const some = living > 0 ? alive : { data: new Float32Array(dim), shape: [1, dim] };
  const begin = performance.now();
  // Where rows were raised one by one their mean is another.
  const mean = living > 1 && alive.data === alive.stored ? aboutMean(alive.stored, dim) : undefined;
  const share = mean ? 1 : shareOfFirst;
  const found = await pairStatistics(backend, some, {
    ...requestOf(settings),
    about: mean?.about,
    tick: (done) => tick(share * done),
  });
  const took = performance.now() - begin;
  const pairs = (living * (living - 1)) / 2;
  // A pass of its own without the mean row takes no longer than this one.
  const about = found.about;
  const fits =
    about !== undefined || most !== null || budget === null || pairs <= fewPairs || took <= end - performance.now();
  const centred =
    mean && about
      ? centredOf(about, mean, dim)
      : fits
        ? await centredPairs(backend, alive.stored, dim, (share) => tick(shareOfFirst + (1 - shareOfFirst) * share))
        : sampledCentredPairs(alive.stored, dim, seed, name);
  const withShares = spec.normEpsilon === 0 || living < 2 ? found : await energyPass(backend, spec, alive.data, dim);
  const ofLiving = spec.normEpsilon === 0 ? found.energies : withShares.energies;
  // Where all rows are zeros every pair is like every other: two of them have the energy of all.
  const allZeros = living === 0 && directions.norms.every((norm) => norm === 0);
  const whole = allZeros && count > 2 ? new Float32Array(2 * dim) : rows;
  const stored = living === count ? ofLiving : await energiesAlone(backend, spec, whole, dim);
  const groups = copyGroups(found, spec.space);
  const similar = found.similar.map(({ i, j, cosine }) => ({
    a: places[i]!,
    b: places[j]!,
    cosine: Math.max(-1, Math.min(1, cosine)),
  }));
  return {
    full: stored[0]!,
    half: stored[1]!,
    living: living < count && living > 1 ? ofLiving[own]! : null,
    distinct: await withoutRepeats(backend, rows, dim, directions, groups, spec),
    interval: null,
    livingInterval: null,
    exact: true,
    method: `exact, all ${(count * (count - 1)) / 2} pairs`,
    meanCosine: found.meanAbsoluteCosine,
    maxCosine: similar.length === 0 ? 0 : Math.abs(similar[0]!.cosine),
    similar,
    copies: { repeats: found.rowsWithin, groups: groups.map((group) => group.map((row) => places[row]!)) },
    effectiveRank: living === 0 ? 0 : found.effectiveRank,
    angles: [...found.angles].map((share) => (pairs === 0 ? 0 : share / pairs)),
    shares: living < 2 ? [] : largestShares(withShares.shares, places),
    centred,
    estimates: fits ? [] : ["centredCosine", "isotropy"],
  };
}

/** Of all that is done with a layer's pairs, what the first pass is counted as where a second one follows. */
const shareOfFirst = 0.6;

/** The energy of the living neurons, one of each group of copies: what is left of a layer's crowd without them. */
async function withoutRepeats<A>(
  backend: Backend<A>,
  rows: FloatArray,
  dim: number,
  directions: UnitRows,
  groups: readonly (readonly number[])[],
  spec: PotentialSpec,
): Promise<LayerPairs["distinct"]> {
  const places = livingPlaces(directions);
  const repeats = groups.flatMap((group) => group.slice(1));
  const count = directions.living - repeats.length;
  if (repeats.length === 0 || count < 2) return null;
  const live = directions.live.slice();
  for (const row of repeats) live[places[row]!] = 0;
  const energies = await energiesAlone(
    backend,
    spec,
    livingRows(rows, dim, { ...directions, live, living: count }),
    dim,
  );
  return { energy: energies[spec.space === "full" ? 0 : 1]!, count };
}
