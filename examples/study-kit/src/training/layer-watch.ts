/**
 * What every arm is watched by, whatever it trains: the unprojected half-space energy (s = 2) of the hidden layers'
 * neurons by `EnergyMonitor`, and the angles between them.
 */
import { bestEnergy, defineEnergy, EnergyError, toNeurons, uniformEnergy } from "@comhe/core";
import { EnergyMonitor } from "@comhe/tfjs";
import type * as tf from "@tensorflow/tfjs";
import { angleBin } from "../statistics/angle-bin.js";
import type { TrainedLayer } from "../study.js";

/** Bins of the angle histograms, over 0–180°. */
export const ANGLE_BINS = 90;

const watched = defineEnergy({
  potential: { kind: "riesz", s: 2, distance: "chordal" },
  space: "half",
  projection: { kind: "none" },
});

/** What has been measured so far: plain JSON, so that a run that is taken up again goes on with it. */
export interface WatchState {
  /** By measurement, then by layer. */
  readonly energies: readonly (readonly number[])[];
  /** By layer: histograms over {@link ANGLE_BINS} bins, of the first measurement and of the latest. */
  readonly first: readonly (readonly number[])[];
  readonly latest: readonly (readonly number[])[];
}

export class LayerWatch {
  private readonly monitor: EnergyMonitor;
  private measured: WatchState = { energies: [], first: [], latest: [] };

  constructor(
    private readonly model: tf.LayersModel,
    private readonly layers: readonly string[],
  ) {
    this.monitor = new EnergyMonitor({ config: watched, layers });
  }

  get state(): WatchState {
    return this.measured;
  }

  restore(state: WatchState): void {
    this.measured = state;
  }

  /** One measurement: before training, then after each epoch. `false` where a weight isn't finite any more. */
  async record(): Promise<boolean> {
    try {
      const records = await this.monitor.record(this.model, this.measured.energies.length - 1);
      const energies = this.layers.map((name) => records.find(({ layer }) => layer === name)!.energy);
      const latest = this.layers.map((name) => anglesOf(kernelOf(this.model, name)));
      const { energies: before, first } = this.measured;
      this.measured = { energies: [...before, energies], first: before.length === 0 ? latest : first, latest };
      return true;
    } catch (error) {
      if (EnergyError.isInstance(error) && error.code === "non-finite") return false;
      throw error;
    }
  }

  history(): TrainedLayer[] {
    const { energies, first, latest } = this.measured;
    return this.layers.map((name, index) => {
      const shape = kernelOf(this.model, name).shape;
      const count = shape[shape.length - 1]!;
      const dim = shape.slice(0, -1).reduce((product, length) => product * length, 1);
      return {
        name,
        count,
        dim,
        floor: bestEnergy(watched.potential, watched.space, count, dim) ?? null,
        uniform: finiteOrNull(uniformEnergy(watched.potential, watched.space, count, dim)),
        energies: energies.map((ofLayers) => ofLayers[index]!),
        anglesBefore: [...first[index]!],
        anglesAfter: [...latest[index]!],
      };
    });
  }
}

/** Trainable weights come kernel first. `getWeights` shares the variable's tensor, which must not be disposed. */
function kernelOf(model: tf.LayersModel, layer: string): tf.Tensor {
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
