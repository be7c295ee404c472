/**
 * What every arm is watched by, whatever it trains: the unprojected half-space energy (s = 2) of a layer's neurons, and
 * the angles between them. In float64, on the host, by core's reference backend.
 */

import {
  bestEnergy,
  defineEnergy,
  energyAndGradient,
  type Neurons,
  referenceBackend,
  toNeurons,
  uniformEnergy,
} from "@comhe/core";
import { angleBin } from "@comhe-examples/study-kit/worker";
import type * as tf from "@tensorflow/tfjs";
import { ANGLE_BINS } from "./regime.js";

const watched = defineEnergy({
  potential: { kind: "riesz", s: 2, distance: "chordal" },
  space: "half",
  projection: { kind: "none" },
});
const backend = referenceBackend();

export interface LayerReading {
  readonly energy: number;
  /** Rows are neurons. */
  readonly neurons: Neurons;
}

export interface LayerConstants {
  readonly name: string;
  readonly count: number;
  readonly dim: number;
  readonly floor: number | null;
  readonly uniform: number | null;
}

export function describeLayer(layer: tf.layers.Layer): LayerConstants {
  const [dim, count] = kernelOf(layer).shape as [number, number];
  return {
    name: layer.name,
    count,
    dim,
    floor: bestEnergy(watched.potential, watched.space, count, dim) ?? null,
    uniform: finiteOrNull(uniformEnergy(watched.potential, watched.space, count, dim)),
  };
}

/** `undefined` where training has left a weight that isn't finite. */
export async function readLayer(layer: tf.layers.Layer): Promise<LayerReading | undefined> {
  const kernel = kernelOf(layer);
  const data = Float64Array.from(await kernel.data());
  if (!data.every(Number.isFinite)) return undefined;
  const weights = { data, shape: kernel.shape, layout: "neurons-last" } as const;
  const { energy } = await energyAndGradient(backend, watched, weights);
  return { energy, neurons: toNeurons(weights) };
}

/** Trainable weights come kernel first. `getWeights` shares the variable's tensor and must not be disposed. */
function kernelOf(layer: tf.layers.Layer): tf.Tensor {
  return layer.getWeights()[0]!;
}

/** Pairs of neurons in each of the equal bins over 0–180°. */
export function angleHistogram({ data, count, dim }: Neurons): number[] {
  const counts = new Array<number>(ANGLE_BINS).fill(0);
  const neurons = Array.from({ length: count }, (_, i) => normalize(data.subarray(i * dim, (i + 1) * dim)));
  neurons.forEach((a, i) => {
    for (const b of neurons.slice(i + 1)) {
      const cosine = a.reduce((sum, value, k) => sum + value * b[k]!, 0);
      counts[angleBin(Math.acos(Math.max(-1, Math.min(1, cosine))), ANGLE_BINS)]!++;
    }
  });
  return counts;
}

function normalize(row: Float32Array | Float64Array): Float64Array {
  const norm = Math.hypot(...row);
  return Float64Array.from(row, (value) => (norm === 0 ? 0 : value / norm));
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
