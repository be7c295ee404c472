/**
 * What every arm is watched by, whatever it trains: the unprojected half-space energy (s = 2) of the hidden layers'
 * neurons by `EnergyMonitor`, and the angles between them.
 */
import { bestEnergy, defineEnergy, EnergyError, toNeurons, uniformEnergy } from "@comhe/core";
import { EnergyMonitor } from "@comhe/tfjs";
import type { TrainedLayer } from "@comhe-examples/study-kit";
import { angleBin } from "@comhe-examples/study-kit/worker";
import type * as tf from "@tensorflow/tfjs";
import { HIDDEN_LAYERS } from "./network.js";
import { ANGLE_BINS } from "./regime.js";

const watched = defineEnergy({
  potential: { kind: "riesz", s: 2, distance: "chordal" },
  space: "half",
  projection: { kind: "none" },
});

export class LayerWatch {
  private readonly monitor = new EnergyMonitor({ config: watched, layers: HIDDEN_LAYERS });
  /** By record, then by layer. */
  private readonly angles: number[][][] = [];

  constructor(private readonly model: tf.Sequential) {}

  /** Before the first epoch (−1) and after each. `false` where training has left a weight that isn't finite. */
  async record(epoch: number): Promise<boolean> {
    try {
      await this.monitor.record(this.model, epoch);
    } catch (error) {
      if (EnergyError.isInstance(error) && error.code === "non-finite") return false;
      throw error;
    }
    this.angles.push(HIDDEN_LAYERS.map((name) => anglesOf(kernelOf(this.model, name))));
    return true;
  }

  history(): TrainedLayer[] {
    return HIDDEN_LAYERS.map((name, index) => {
      const shape = kernelOf(this.model, name).shape;
      const count = shape[shape.length - 1]!;
      const dim = shape.slice(0, -1).reduce((product, length) => product * length, 1);
      return {
        name,
        count,
        dim,
        floor: bestEnergy(watched.potential, watched.space, count, dim) ?? null,
        uniform: finiteOrNull(uniformEnergy(watched.potential, watched.space, count, dim)),
        energies: this.monitor.history.filter(({ layer }) => layer === name).map(({ energy }) => energy),
        anglesBefore: this.angles[0]![index]!,
        anglesAfter: this.angles[this.angles.length - 1]![index]!,
      };
    });
  }
}

/** Trainable weights come kernel first. `getWeights` shares the variable's tensor, which must not be disposed. */
function kernelOf(model: tf.Sequential, layer: string): tf.Tensor {
  return model.getLayer(layer).getWeights()[0]!;
}

function anglesOf(kernel: tf.Tensor): number[] {
  return angleHistogram(Float64Array.from(kernel.dataSync()), kernel.shape);
}

/** Pairs of neurons in each of the equal bins over 0–180°. */
export function angleHistogram(data: Float64Array, shape: readonly number[]): number[] {
  const { data: rows, count, dim } = toNeurons({ data, shape, layout: "neurons-last" });
  const neurons = Array.from({ length: count }, (_, i) => rows.subarray(i * dim, (i + 1) * dim));
  const norms = neurons.map((row) => Math.sqrt(dot(row, row)));
  const counts = new Array<number>(ANGLE_BINS).fill(0);
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      const product = norms[i]! * norms[j]!;
      // A zero neuron has no direction; the energy counts it as orthogonal, and so does this.
      const cosine = product === 0 ? 0 : dot(neurons[i]!, neurons[j]!) / product;
      counts[angleBin(Math.acos(Math.max(-1, Math.min(1, cosine))), ANGLE_BINS)]!++;
    }
  }
  return counts;
}

function dot(a: Float32Array | Float64Array, b: Float32Array | Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
