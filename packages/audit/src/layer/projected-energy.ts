/**
 * The projected energy of a layer: the mean over a few random projections of the energy of all neurons as they are stored. Other projections
 * give another mean, some ten-thousandths away for random rows and some hundredths for trained ones; so where all pairs of all projections would
 * take longer than the rest of the audit, a sample that is ten times as exact as that is taken instead.
 */
import { type Backend, type EnergyEstimate, estimateEnergy, type Kernel, type PotentialSpec } from "@comhe/core";
import { fewForMillisecond, fewPairs, fewProducts } from "./layer-pairs.js";
import type { LayerRows } from "./read-rows.js";
import type { AuditSettings } from "./settings.js";
import { raiseSmallRows } from "./unit-rows.js";

/** Of the time that the pairs leave, what the projected energy may take. */
const shareOfProjected = 0.9;

/** Pairs of a sample, whose 95 % interval is some 1e-4 of the energy. */
const sampledPairs = 1_000_000;

/** Milliseconds that the search for near pairs takes for one number of a projected row, on two cores. */
const searchOfNumber = 2.5e-4;

/** Milliseconds that such a sample's pairs take. */
const timeOfPairs = 500;

/** Products of rows that cost as much as what a pair takes beside them. */
const productsOfPair = 30;

/** The time there is. */
export interface ProjectedTime {
  /** Milliseconds on the clock at which the budget is used up. */
  readonly end: number;
  /** What one pass over all pairs of the unprojected rows took; 0: there was none. */
  readonly passed: number;
}

function canBeSampled({ projection }: PotentialSpec): boolean {
  return ["none", "random", "fixed", "pca"].includes(projection.kind);
}

/** `null` where none is wanted, and for layers no wider than the projection, which have nothing to project. */
export async function projectedEnergy<A>(
  backend: Backend<A>,
  name: string,
  { projected, budget, pairs: most, seed }: AuditSettings,
  { rows, dim, count }: Pick<LayerRows, "rows" | "dim" | "count">,
  { end, passed }: ProjectedTime,
): Promise<EnergyEstimate | null> {
  if (!projected || count < 2) return null;
  const { projection } = projected;
  if (
    "dimension" in projection &&
    (projection.dimension >= dim || (projection.kind === "pca" && projection.dimension > count))
  ) {
    return null;
  }
  if (projection.kind === "group" && "groups" in projection && projection.groups > dim) return null;
  const pairs = (count * (count - 1)) / 2;
  const copies = "count" in projection ? projection.count : 1;
  const width = "dimension" in projection ? projection.dimension : dim;
  const left = shareOfProjected * (end - performance.now());
  const timeOfSample = searchOfNumber * count * copies * width + timeOfPairs;
  /** The same pass again takes this, by what there is to multiply. */
  const again = (passed * copies * (width + productsOfPair)) / (dim + productsOfPair);
  const all =
    budget === null ||
    (pairs <= fewPairs && !canBeSampled(projected)) ||
    pairs * copies * width <= Math.min(fewProducts, fewForMillisecond * budget) ||
    (passed > 0 && again <= Math.min(Math.max(passed, timeOfSample), left));
  const isTimeForSample = canBeSampled(projected) && left > timeOfSample;
  const limit =
    most !== null
      ? { pairs: most }
      : all
        ? { pairs: Math.max(100, pairs) * 1e6 }
        : isTimeForSample
          ? { pairs: sampledPairs }
          : { budget: Math.max(1, left) };
  const weights: Kernel = { data: raiseSmallRows(rows, count, dim), shape: [count, dim] };
  return estimateEnergy(backend, projected, weights, { ...limit, seed, name });
}
