/**
 * Initial kernels from the seed, drawn on the host: the same numbers in every arm and on every backend. Kernels are
 * `[in, out]`, as tfjs has them.
 */
import { type RandomStream, randomStream } from "@comhe/core";

export type Initializer = "he" | "orthogonal";

export interface InitialKernel {
  readonly data: Float32Array;
  readonly shape: [inputs: number, units: number];
}

/** N(0, 2/fan-in) for layers under a ReLU, N(0, 1/fan-in) for the output. */
export function normalKernel(inputs: number, units: number, seed: number, layer: string, gain: number): InitialKernel {
  const data = kernelStream(seed, layer).fillNormal(new Float32Array(inputs * units));
  const deviation = Math.sqrt(gain / inputs);
  return { data: data.map((value) => value * deviation), shape: [inputs, units] };
}

/**
 * Orthogonal neurons of squared norm `gain` (Saxe et al. 2014): the same normal draws, made orthogonal column by column
 * by the modified Gram–Schmidt process. At most as many neurons as inputs.
 */
export function orthogonalKernel(
  inputs: number,
  units: number,
  seed: number,
  layer: string,
  gain: number,
): InitialKernel {
  const { data } = normalKernel(inputs, units, seed, layer, 1);
  const neurons = Array.from({ length: units }, (_, unit) =>
    Float64Array.from({ length: inputs }, (_, input) => data[input * units + unit]!),
  );
  neurons.forEach((neuron, unit) => {
    for (const earlier of neurons.slice(0, unit)) {
      const overlap = dot(neuron, earlier);
      neuron.forEach((_, i) => {
        neuron[i]! -= overlap * earlier[i]!;
      });
    }
    const norm = Math.sqrt(dot(neuron, neuron));
    neuron.forEach((_, i) => {
      neuron[i]! /= norm;
    });
  });
  const scale = Math.sqrt(gain);
  const orthogonal = new Float32Array(inputs * units);
  neurons.forEach((neuron, unit) => {
    neuron.forEach((value, input) => {
      orthogonal[input * units + unit] = scale * value;
    });
  });
  return { data: orthogonal, shape: [inputs, units] };
}

function kernelStream(seed: number, layer: string): RandomStream {
  return randomStream(seed, `kernel ${layer}`, 0);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
