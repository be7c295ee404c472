/** Picks k and C of a random projection for a wanted distortion of the angles, by trying them on the weights at hand. */
import { defineEnergy } from "../config/define-energy.js";
import type { EnergyConfig, RandomDistribution } from "../config/types.js";
import { EnergyError } from "../errors/energy-error.js";
import type { SeedOptions } from "../evaluate/program.js";
import type { Kernel } from "../layout/layout.js";
import { checkWhole, distortionOf, measuredPairs } from "./projection-distortion.js";

/** Options of {@link suggestProjection}. */
export interface SuggestProjectionOptions extends SeedOptions {
  /** The wanted mean absolute error of an angle averaged over the C matrices, in radians. */
  readonly target: number;
  /** Default `"gaussian"`. */
  readonly distribution?: RandomDistribution | undefined;
  /** The k that are tried, as far as they fit the weights and the potential. Default: 15 of them from 4 to 512. */
  readonly dimensions?: readonly number[] | undefined;
  /** The C that are tried. Default 1, 2, 5, 10, 20. */
  readonly counts?: readonly number[] | undefined;
  /** Potential, space and the like of the config that is returned. */
  readonly energy?: Omit<EnergyConfig, "projection"> | undefined;
  /** Draws that each k is measured with. Default 1. */
  readonly draws?: number | undefined;
  /** As for `projectionDistortion`. Default 20,000. */
  readonly pairs?: number | undefined;
}

/** What was measured for one k and one C. */
export interface SuggestionRow {
  /** k */
  readonly dimension: number;
  /** C */
  readonly count: number;
  /** Mean absolute error of the angle averaged over the C matrices, in radians. */
  readonly mean: number;
  /** Its root mean square. */
  readonly rms: number;
  /** Its largest absolute value. */
  readonly worst: number;
  /** k·C: rows that the neurons are projected to, which a step's time grows with. */
  readonly cost: number;
}

/** What {@link suggestProjection} found. */
export interface SuggestedProjection {
  /** For `defineEnergy`. */
  readonly config: EnergyConfig;
  /** Whether the target was met; otherwise `config` has what came closest. */
  readonly met: boolean;
  /** What was measured for `config`. */
  readonly chosen: SuggestionRow;
  /** Everything measured, by k and C. */
  readonly table: readonly SuggestionRow[];
}

const defaultDimensions = [4, 6, 8, 12, 16, 20, 30, 40, 60, 80, 120, 160, 240, 360, 512];
const defaultCounts = [1, 2, 5, 10, 20];

/**
 * The cheapest k and C, by k·C, that meet the target; of equally cheap ones that with the larger k, whose energy is less
 * biased. Averaging over C takes away noise, not bias: small k can stay above a small target whatever C.
 *
 * A small distortion is not an end in itself: the paper's ablation is best at k ≈ 30, where angles are off by 0.15 on
 * average.
 *
 * @throws EnergyError `invalid-config` for a target that isn't positive, and where no k fits the weights and the potential
 */
export function suggestProjection(weights: Kernel, options: SuggestProjectionOptions): SuggestedProjection {
  const { target, distribution = "gaussian", energy = {}, draws = 1, pairs = 20_000, seed, name } = options;
  if (!(target > 0)) {
    throw new EnergyError("invalid-config", `target: expected a positive number of radians, got ${target}.`, {
      path: "target",
    });
  }
  checkWhole("draws", draws, 1);
  const counts = sorted("counts", options.counts ?? defaultCounts);
  const measured = measuredPairs(weights, { seed, pairs });
  const most = largestDimension(distribution, measured.neurons.dim);
  const least = leastDimension(energy);
  const dimensions = sorted("dimensions", options.dimensions ?? defaultDimensions).filter(
    (k) => k >= least && k <= most,
  );
  if (dimensions.length === 0) {
    throw new EnergyError(
      "invalid-config",
      `dimensions: expected one from ${least}, where the energy's variance is finite, to ${most}, the largest that ` +
        `distribution "${distribution}" takes for neurons of dimension ${measured.neurons.dim}.`,
      { path: "dimensions" },
    );
  }

  const configOf = (dimension: number, count: number): EnergyConfig => ({
    ...energy,
    projection: { kind: "random", distribution, dimension, count },
  });
  const table: SuggestionRow[] = [];
  let best: SuggestionRow | undefined;
  for (const dimension of dimensions) {
    // The cost only grows from here on.
    if (best && dimension * counts[0]! > best.cost) break;
    const spec = defineEnergy(configOf(dimension, counts.at(-1)!));
    const { byCount } = distortionOf(spec, measured, { seed, name, draws, warmup: 0 });
    for (const count of counts) {
      const { mean, rms, worst } = byCount[count - 1]!;
      const row = { dimension, count, mean, rms, worst, cost: dimension * count };
      table.push(row);
      if (mean <= target && (!best || row.cost <= best.cost)) best = row;
    }
  }
  const chosen = best ?? table.reduce((closest, row) => (row.mean < closest.mean ? row : closest));
  return { config: configOf(chosen.dimension, chosen.count), met: best !== undefined, chosen, table };
}

/** From 2s + 2 on, the energy under a random projection has a finite variance. */
function leastDimension(energy: Omit<EnergyConfig, "projection">): number {
  const { potential } = defineEnergy(energy);
  return potential?.kind === "riesz" ? Math.max(2, Math.floor(2 * potential.s) + 2) : 2;
}

function largestDimension(distribution: RandomDistribution, dim: number): number {
  if (distribution === "orthogonal") return dim;
  if (distribution === "hadamard") return 2 ** Math.ceil(Math.log2(dim));
  return Number.POSITIVE_INFINITY;
}

function sorted(name: string, values: readonly number[]): readonly number[] {
  for (const value of values) checkWhole(name, value, 1);
  if (values.length > 0) return [...values].sort((a, b) => a - b);
  throw new EnergyError("invalid-config", `${name}: expected at least one, got none.`, { path: name });
}
