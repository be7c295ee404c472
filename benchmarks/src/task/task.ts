/**
 * What every candidate is given: the weights of one layer or of a whole network, with the energy of each. A step is the
 * energy and the gradient of all of them, as a training step needs them.
 */
import { type EnergySpec, type RandomProjection, type RieszPotential, randomStream } from "@comhe/core";

export interface TaskLayer {
  readonly name: string;
  /** N, neurons. */
  readonly count: number;
  /** d, their dimension. */
  readonly dim: number;
  /** Rows are neurons. */
  readonly data: Float32Array;
  /** Riesz, chordal, ε = 0; projection `none` or `random`: what every peer can do. */
  readonly spec: EnergySpec;
}

export interface Task {
  readonly title: string;
  readonly layers: readonly TaskLayer[];
  readonly seed: number;
}

/** The same rows in every run and every process: standard normal. */
export function makeLayer(name: string, count: number, dim: number, spec: EnergySpec): TaskLayer {
  const data = randomStream(1, `benchmark ${name} ${count}×${dim}`, 0).fillNormal(new Float32Array(count * dim));
  return { name, count, dim, data, spec };
}

export function exponent(spec: EnergySpec): number {
  return (spec.potential as RieszPotential).s;
}

/** Dimension k and count C of a random projection; `undefined`: none. */
export function randomProjectionOf({ projection }: EnergySpec): RandomProjection | undefined {
  if (projection.kind === "none") return undefined;
  if (projection.kind === "random") return projection as RandomProjection;
  throw new Error(`No peer has the projection ${projection.kind}.`);
}

/**
 * Nominal floating point operations of a step. Pairwise: 3N²d (the Gram matrix's upper triangle, and each of its tiles for
 * both of its sides), whatever a candidate really does. Projections: their two products, 4NdkC, and 3N²k for each.
 */
export function nominalFlops({ layers }: Task): number {
  return layers.reduce((sum, { count, dim, spec }) => {
    const random = randomProjectionOf(spec);
    if (!random) return sum + 3 * count ** 2 * dim;
    return sum + random.count * (4 * count * dim * random.dimension + 3 * count ** 2 * random.dimension);
  }, 0);
}
