/** The audit of one layer. */
import {
  type Backend,
  bestEnergy,
  defineEnergy,
  type EnergyEstimate,
  energyBound,
  estimateEnergy,
  type FloatArray,
  type Kernel,
  neuronAxes,
  type PairObserver,
  type PotentialSpec,
  uniformEnergy,
  uniformSpread,
} from "@comhe/core";
import type { LayerSource } from "@comhe/models";
import { heatMap } from "./heat-map.js";
import type { LayerAudit, LowerBound } from "./layer-audit.js";
import { PairCollector, type PairStatistics, scanPairs } from "./pair-statistics.js";
import { type LayerRows, readRows } from "./read-rows.js";
import { gramSquares } from "./squared-cosines.js";
import { deadShare, livingRows, raiseSmallRows, type UnitRows, unitRows } from "./unit-rows.js";

/** Which energies an audit takes, and what it may cost. */
export interface AuditSettings {
  /** The energy that scores are of, without projection. */
  readonly spec: PotentialSpec;
  /** Its projection: what the projected energy is of. */
  readonly projected: PotentialSpec | undefined;
  /** Milliseconds for the energies of a layer, all together. */
  readonly budget: number | undefined;
  /** Or pairs for each of them. Neither: all pairs. */
  readonly pairs: number | undefined;
  /** Fixes samples and projections: a whole number ≥ 0. */
  readonly seed: number;
}

/** Pairs that are all looked at without asking what it costs, as long as their products are few. */
const fewPairs = 3_000_000;

/** Products that cost less than to sample: a second or so; and for each millisecond of the budget, a few hundredths of it. */
const [fewProducts, fewForMillisecond] = [2e9, 1e5];

/** Products of XᵀX for each millisecond of the budget: a tenth of what two cores do. */
const productsOfGram = 5e5;

/** What the energies of a layer may take of the time that is left: its own half, the other space's a quarter, the projected one the rest. */
const shares = { own: 0.5, other: 0.5, projected: 0.9 };

function productsOf({ projection }: PotentialSpec, pairs: number, dim: number): number {
  const projected = "dimension" in projection && "count" in projection;
  return pairs * (projected ? projection.dimension * projection.count : dim);
}

function canBeSampled({ projection }: PotentialSpec): boolean {
  return ["none", "random", "fixed", "pca"].includes(projection.kind);
}

/**
 * Audits one layer.
 *
 * @param file its path, for the report
 * @param tick awaited now and then with the share that is done, from 0 to 1; what it throws ends the audit
 * @throws EnergyError `invalid-file`, `non-finite` for weights that can't be read or aren't finite; `invalid-config` for an energy that
 *   the layer's shape can't carry
 */
export async function auditLayer<A>(
  backend: Backend<A>,
  file: string,
  layer: LayerSource,
  settings: AuditSettings,
  tick: (share: number) => Promise<void>,
): Promise<LayerAudit> {
  const begin = performance.now();
  const read = await readRows(layer, settings.seed);
  const readMilliseconds = performance.now() - begin;
  await tick(0.1);
  const { rows, count, dim, allRows } = read;
  const { spec, seed } = settings;
  const directions = unitRows(rows, count, dim);
  const { unit, live, living, dead, faint, fading } = directions;
  // Where all rows are zeros every pair is like every other: two of them have the energy of all.
  const weights =
    living + fading === 0 && count > 2
      ? { data: new Float32Array(2 * dim), shape: [2, dim] }
      : { data: raiseSmallRows(rows, count, dim), shape: [count, dim] };
  const collector = new PairCollector(directions, dim, spec.space);
  const pairs = (count * (count - 1)) / 2;
  const { budget } = settings;
  const end = performance.now() + (budget ?? 0);
  const limitOf = (of: PotentialSpec, share: number) => {
    if (settings.pairs !== undefined) return { pairs: settings.pairs };
    const products = productsOf(of, pairs, dim);
    const projects = of.projection.kind !== "none";
    const few =
      budget === undefined ||
      (pairs <= fewPairs && !canBeSampled(of)) ||
      ((pairs <= fewPairs || projects) && products <= Math.min(fewProducts, fewForMillisecond * budget));
    return few ? { pairs: Math.max(100, pairs) * 1e6 } : { budget: Math.max(1, share * (end - performance.now())) };
  };
  const estimate = (of: PotentialSpec, share: number, options: { kernel?: Kernel; observe?: PairObserver } = {}) =>
    estimateEnergy(backend, of, options.kernel ?? weights, {
      ...limitOf(of, share),
      seed,
      name: layer.name,
      observe: options.observe,
    });
  const own = await estimate(spec, shares.own, { observe: collector });
  await tick(0.4);
  const other = await estimate(
    defineEnergy({ ...spec, space: spec.space === "half" ? "full" : "half" }) as PotentialSpec,
    shares.other,
  );
  await tick(0.6);
  const statistics: PairStatistics = own.exact
    ? await scanPairs(backend, directions, dim, { space: spec.space, tick: (share) => tick(0.6 + 0.3 * share) })
    : collector.result(await squaredCosines(backend, directions, dim, settings));
  const projected = await projectedEnergy(settings, read, estimate);
  const alone =
    living === count
      ? { score: null, scoreSpread: null }
      : await scoreAlone(spec, livingRows(rows, dim, directions), dim, estimate);
  const [full, half] = spec.space === "full" ? [own, other] : [other, own];
  return {
    file,
    layer: layer.name,
    kind: layer.kind,
    dataType: layer.dataType,
    shape: layer.shape,
    neuronAxes: neuronAxes(layer.shape, layer.layout).axes,
    count: allRows,
    dim,
    energyFull: full.energy,
    energyHalf: half.energy,
    interval: own.exact ? null : [own.low, own.high],
    method: own.method,
    projected,
    ...standing(spec, own.energy, count, dim, living),
    ...statistics,
    lowerBounds: lowerBounds(own.exact, count === allRows),
    dead,
    faint,
    livingScore: alone.score,
    livingSpread: alone.scoreSpread,
    heatMap: heatMap(unit, live, dim),
    note: noteOf(layer, read, directions),
    readMilliseconds,
    milliseconds: performance.now() - begin,
  };
}

/** What a sample of the pairs, or of the rows, can only bound. Dead and faint neurons are seen by their rows alone. */
function lowerBounds(allPairs: boolean, allRows: boolean): readonly LowerBound[] {
  if (!allRows) return ["maxCosine", "nearest", "duplicates", "dead", "faint"];
  return allPairs ? [] : ["maxCosine", "nearest", "duplicates"];
}

/** Mean of c² over the pairs of living neurons, for the effective rank, where XᵀX takes a small part of the budget; else it is sampled. */
async function squaredCosines<A>(
  backend: Backend<A>,
  directions: UnitRows,
  dim: number,
  { budget, pairs = 0 }: AuditSettings,
): Promise<number | undefined> {
  const { living } = directions;
  const affordable = budget === undefined ? 10 * pairs * dim : productsOfGram * budget;
  if (living < 2 || living * dim * dim > affordable) return undefined;
  return ((await gramSquares(backend, directions, dim)) - living) / (living * (living - 1));
}

/** Where an energy stands between the best possible and random; no score where no two neurons live. */
export function standing(
  { potential, space, separationFloor }: PotentialSpec,
  energy: number,
  count: number,
  dim: number,
  living = count,
): Pick<LayerAudit, "best" | "bestIs" | "random" | "randomSpread" | "score" | "scoreSpread"> {
  const best = energyBound(potential, space, count, dim) ?? null;
  const attained = bestEnergy(potential, space, count, dim) !== undefined;
  const { mean, deviation } = uniformSpread(potential, space, count, dim, separationFloor);
  // The bare potential's mean where it is finite, as its closed forms have it; else with the separation floor.
  const bare = uniformEnergy(potential, space, count, dim);
  const random = Number.isFinite(bare) ? bare : mean;
  const room = best === null ? 0 : random - best;
  const known = best !== null && count > 1 && living > 1 && room > 1e-12 * Math.abs(random);
  return {
    best,
    bestIs: best === null ? null : attained ? "attained" : "bound",
    random,
    randomSpread: deviation,
    score: known ? (energy - best) / room : null,
    scoreSpread: known ? deviation / room : null,
  };
}

/** Layers no wider than the projection have nothing to project. */
async function projectedEnergy(
  { projected }: AuditSettings,
  { dim, count }: LayerRows,
  estimate: (spec: PotentialSpec, share: number) => Promise<EnergyEstimate>,
): Promise<number | null> {
  if (!projected || count < 2) return null;
  const { projection } = projected;
  if (
    "dimension" in projection &&
    (projection.dimension >= dim || (projection.kind === "pca" && projection.dimension > count))
  ) {
    return null;
  }
  if (projection.kind === "group" && "groups" in projection && projection.groups > dim) return null;
  return (await estimate(projected, shares.projected)).energy;
}

/** The score of the living neurons, as if the others weren't there. */
async function scoreAlone(
  spec: PotentialSpec,
  data: FloatArray,
  dim: number,
  estimate: (spec: PotentialSpec, share: number, options: { kernel: Kernel }) => Promise<EnergyEstimate>,
): Promise<Pick<LayerAudit, "score" | "scoreSpread">> {
  const count = data.length / dim;
  if (count < 2) return { score: null, scoreSpread: null };
  const { energy } = await estimate(spec, shares.own, { kernel: { data, shape: [count, dim] } });
  return standing(spec, energy, count, dim);
}

function noteOf({ note }: LayerSource, { count, allRows }: LayerRows, { fading }: UnitRows): string | null {
  const notes = note === undefined ? [] : [note];
  if (count < allRows) notes.push(`of ${count} rows drawn at random: all ${allRows} don't fit into memory`);
  if (fading > 0) {
    notes.push(
      `${fading} dead neurons aren't all zeros, but have at most ${deadShare.toExponential()} of the layer's typical norm; energies ` +
        "count their directions",
    );
  }
  return notes.length === 0 ? null : notes.join("; ");
}
