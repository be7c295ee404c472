/** How well a projection preserves the angles between the neurons at hand. */
import { defineEnergy } from "../config/define-energy.js";
import { everyRow } from "../config/every-row.js";
import type { EnergyConfig, EnergySpec } from "../config/types.js";
import { EnergyError } from "../errors/energy-error.js";
import { checkWeights } from "../evaluate/check-weights.js";
import { createProgram, type SeedOptions } from "../evaluate/program.js";
import type { Kernel, Neurons } from "../layout/layout.js";
import { randomStream } from "../random/random-stream.js";
import { type AngleError, anglesOf, choosePairs, ErrorSum, type Pairs } from "./angle-errors.js";
import { type DistortionTheory, distortionTheory } from "./distortion-theory.js";
import { projectedNeurons } from "./projected-neurons.js";

/** Options of {@link projectionDistortion}. */
export interface DistortionOptions extends SeedOptions {
  /** How many steps of the projection's schedule are measured, one after the other: for a random projection, how many draws. Default 3. */
  readonly draws?: number | undefined;
  /** How many steps go before the first one that is measured, for projections that learn. Default 0. */
  readonly warmup?: number | undefined;
  /** Other numbers of dimensions k to measure the projection with, besides its own. Default: none. */
  readonly dimensions?: readonly number[] | undefined;
  /** How many pairs of neurons are measured at most; where there are more, so many are drawn at random. Default 100,000. */
  readonly pairs?: number | undefined;
}

/** The errors, in radians, of angles that are averaged over C matrices. */
export interface CountDistortion extends AngleError {
  /** C: how many matrices the angles are averaged over. */
  readonly count: number;
}

/** The error of the angles after a projection to one number of dimensions, in radians. */
export interface DimensionDistortion extends AngleError {
  /** k: the number of dimensions that neurons were projected to. */
  readonly dimension: number;
  /** The errors of angles averaged over C = 1, 2, … matrices, up to the projection's own number. */
  readonly byCount: readonly CountDistortion[];
  /** What is proven and expected of dense random projections; `undefined` for others. */
  readonly theory: DistortionTheory | undefined;
}

/** The errors of angles under one matrix, in radians, taken over pairs, matrices and draws. */
export interface ProjectionDistortion extends DimensionDistortion {
  /** N: the number of neurons, dead ones included. */
  readonly neurons: number;
  /** d: the length of a neuron. */
  readonly dim: number;
  /** How many pairs were measured; those with a dead neuron are left out. */
  readonly pairs: number;
  /** How many steps of the projection's schedule were measured. */
  readonly draws: number;
  /**
   * The errors of angles averaged over C = 1, 2, … matrices, up to the projection's own number. The noise of single matrices averages out,
   * their bias stays.
   */
  readonly byCount: readonly CountDistortion[];
  /** One entry for each of the `dimensions` asked for. */
  readonly byDimension: readonly DimensionDistortion[];
}

/**
 * Compares the angle of every pair of neurons with its angle after the projection. The projection starts from the seed
 * and name of the options, as a new evaluator would; nothing is kept.
 *
 * @param config the energy whose projection is measured; its `sample` isn't looked at
 * @param weights `[N, d]`, or a kernel with its layout
 * @throws EnergyError `invalid-config` for wrong options or a wrong config, and where the projection doesn't fit N and d; `invalid-shape`,
 *   `non-finite` for wrong weights; `unsupported` for a projection of the user's own that doesn't hand all neurons to the energy
 */
export function projectionDistortion(
  config: EnergyConfig | EnergySpec,
  weights: Kernel,
  options: DistortionOptions = {},
): ProjectionDistortion {
  const spec = everyRow(defineEnergy(config));
  const { draws = 3, warmup = 0, dimensions = [] } = options;
  checkWhole("draws", draws, 1);
  checkWhole("warmup", warmup, 0);
  const measured = measuredPairs(weights, options);
  const own = distortionOf(spec, measured, { ...options, draws, warmup });
  return {
    ...own,
    neurons: measured.neurons.count,
    dim: measured.neurons.dim,
    pairs: measured.pairs.length / 2,
    draws,
    byDimension: dimensions.map((dimension) =>
      distortionOf(withDimension(spec, dimension), measured, { ...options, draws, warmup }),
    ),
  };
}

/** The neurons, the pairs that are compared, and their angles before any projection. */
export interface MeasuredPairs {
  readonly neurons: Neurons;
  readonly pairs: Pairs;
  readonly angles: Float64Array;
}

export function measuredPairs(
  weights: Kernel,
  { seed = 0, pairs: most = 100_000 }: Pick<DistortionOptions, "seed" | "pairs">,
): MeasuredPairs {
  checkWhole("pairs", most, 1);
  const neurons = checkWeights(weights);
  const { data, count, dim } = neurons;
  const alive = Array.from({ length: count }, (_, i) => i).filter((i) =>
    data.subarray(i * dim, (i + 1) * dim).some((value) => value !== 0),
  );
  const pairs = choosePairs(alive, most, randomStream(seed, "pairs of neurons", 0));
  return { neurons, pairs, angles: anglesOf({ data: Float64Array.from(data), shape: [1, count, dim] }, pairs) };
}

export function distortionOf(
  spec: EnergySpec,
  { neurons, pairs, angles }: MeasuredPairs,
  { seed, name, draws, warmup }: SeedOptions & { readonly draws: number; readonly warmup: number },
): DimensionDistortion {
  const program = createProgram(spec, { seed, name });
  const { count, dim, data } = neurons;
  const single = new ErrorSum();
  const averaged: ErrorSum[] = [];
  let dimension = dim;
  for (let step = 0; step < warmup + draws; step++) {
    const projected = projectedNeurons(program, { count, dim, rows: () => data });
    if (step < warmup) continue;
    if (!projected) {
      throw new EnergyError(
        "unsupported",
        "projectionDistortion: the projection hands no set of all neurons to the energy, so that there are no angles to compare.",
      );
    }
    const [matrices = 1, , columns = dim] = projected.shape;
    dimension = columns;
    const after = anglesOf(projected, pairs);
    for (let n = 0; n < angles.length; n++) {
      let sum = 0;
      for (let c = 0; c < matrices; c++) {
        const error = after[c * angles.length + n]! - angles[n]!;
        single.add(error);
        sum += error;
        averaged[c] ??= new ErrorSum();
        averaged[c]!.add(sum / (c + 1));
      }
    }
  }
  const { projection } = spec;
  const isRandom = !("compose" in projection) && projection.kind === "random";
  return {
    dimension,
    ...single.result(),
    byCount: averaged.map((errors, c) => ({ count: c + 1, ...errors.result() })),
    theory: isRandom ? distortionTheory(projection, { count, dim, angles }) : undefined,
  };
}

function withDimension(spec: EnergySpec, dimension: number): EnergySpec {
  const { projection } = spec;
  const hasDimension = !("compose" in projection) && "dimension" in projection;
  if (!hasDimension || ("initial" in projection && projection.initial)) {
    throw new EnergyError(
      "invalid-config",
      `dimensions: expected a projection whose dimension can be chosen, got "${projection.kind}".`,
      { path: "dimensions" },
    );
  }
  // A measurement takes no steps along the energy, whose moments a warning would be about.
  return defineEnergy({ ...spec, projection: { ...projection, dimension } } as EnergyConfig, { warn: () => {} });
}

export function checkWhole(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new EnergyError("invalid-config", `${name}: expected a whole number ≥ ${least}, got ${value}.`, { path: name });
}
