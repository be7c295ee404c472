/**
 * Energies of the hidden layers after an epoch, on whatever this browser has, WebGPU first. What acts *within* a step stays with TensorFlow.js: a
 * layer's regularizer is part of its graph, and a backend that reads its results asynchronously can't be.
 */
import { createEvaluator, type Evaluator } from "@comhe/core";
import type * as tf from "@tensorflow/tfjs";
import { type BackendHere, backendHere } from "../../thomson-sphere/src/backend-here.js";

export class LayerEnergies {
  private readonly evaluator: Evaluator;

  private constructor({ backend, words }: BackendHere) {
    this.evaluator = createEvaluator(backend, { space: "half" });
    this.words = words;
  }

  /** What they are computed on. */
  readonly words: string;

  /** @throws EnergyError `unsupported` where WebGPU is asked for and can't compute */
  static async open(forcesWebgpu: boolean): Promise<LayerEnergies> {
    return new LayerEnergies(await backendHere(forcesWebgpu));
  }

  /** Half-space energy of each hidden layer, unprojected, s = 2. @throws EnergyError `non-finite` once training has diverged */
  async of(model: tf.Sequential): Promise<number[]> {
    const energies: number[] = [];
    for (const layer of model.layers.filter(({ name }) => name.startsWith("hidden"))) {
      const kernel = layer.getWeights()[0]!;
      const data = (await kernel.data()) as Float32Array;
      energies.push(await this.evaluator.energy({ data, shape: kernel.shape, layout: "neurons-last" }));
    }
    return energies;
  }
}
