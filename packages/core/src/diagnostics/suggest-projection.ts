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
  /** How the random matrices are drawn. Default `"gaussian"`. */
  readonly distribution?: RandomDistribution | undefined;
  /** The numbers of dimensions k that are tried, as far as they fit the weights and the potential. Default: 15 of them from 4 to 512. */
  readonly dimensions?: readonly number[] | undefined;
  /** The numbers of matrices C that are tried. Default 1, 2, 5, 10, 20. */
  readonly counts?: readonly number[] | undefined;
  /** Potential, space and whatever else the returned config is to have besides its projection. Default: nothing. */
  readonly energy?: Omit<EnergyConfig, "projection"> | undefined;
  /** How many draws each k is measured with. Default 1. */
  readonly draws?: number | undefined;
  /** How many pairs of neurons are measured at most; where there are more, so many are drawn at random. Default 20,000. */
  readonly pairs?: number | undefined;
}

/** What was measured for one k and one C. */
export interface SuggestionRow {
  /** k: the number of dimensions that neurons were projected to. */
  readonly dimension: number;
  /** C: the number of matrices that angles were averaged over. */
  readonly count: number;
  /** Mean absolute error of the averaged angles, in radians. */
  readonly mean: number;
  /** Root of the mean squared error of the averaged angles, in radians. */
  readonly rms: number;
  /** Largest absolute error of the averaged angles, in radians. */
  readonly worst: number;
  /** The product k·C, which a step's time grows with. */
  readonly cost: number;
}

/** What {@link suggestProjection} found. */
export interface SuggestedProjection {
  /** A config with the suggested projection, for `defineEnergy` and everything that takes a config. */
  readonly config: EnergyConfig;
  /** Whether the target was met; otherwise `config` has what came closest. */
  readonly met: boolean;
  /** What was measured for the projection of `config`. */
  readonly chosen: SuggestionRow;
  /** Everything that was measured, in increasing order of k, then of C. */
  readonly table: readonly SuggestionRow[];
}

const defaultDimensions = [4, 6, 8, 12, 16, 20, 30, 40, 60, 80, 120, 160, 240, 360, 512];
const defaultCounts = [1, 2, 5, 10, 20];

/**
 * Suggests how many dimensions k and how many matrices C a random projection needs, so that it keeps the angles between these neurons as well as
 * wanted: the pair with the least k·C that meets the target, and of equally cheap ones that with the larger k, whose energy is less
 * biased. Averaging over C takes away noise, not bias: a small k can stay above a small target whatever C.
 *
 * A small distortion is not an end in itself: the ablation in Lin et al. 2020 (CoMHE) is best at k ≈ 30, where angles are off by 0.15 radians on
 * average.
 *
 * @param weights `[N, d]`, or a kernel with its layout
 * @throws EnergyError `invalid-config` for a target that isn't positive, for other wrong options, and where no k fits the weights and the
 *   potential; `invalid-shape`, `non-finite` for wrong weights
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
