/**
 * The network of the authors' CIFAR-100 experiment at initialization (Lin et al. 2020 and their code): nine 3×3
 * convolutions, a 4×4 one, and a 1×1 one to the 100 classes. Weights are normal with deviation √(2/(k·k·in)).
 */
import { type EnergyConfig, type Kernel, type ProjectionInput, randomStream } from "@comhe/core";

interface ConvLayer {
  readonly name: string;
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

const conv = (name: string, size: number, from: number, to: number): ConvLayer => ({ name, size, from, to });

export const hiddenLayers: readonly ConvLayer[] = [
  conv("conv1_0", 3, 3, 64),
  conv("conv1_1", 3, 64, 64),
  conv("conv1_2", 3, 64, 64),
  conv("conv2_0", 3, 64, 128),
  conv("conv2_1", 3, 128, 128),
  conv("conv2_2", 3, 128, 128),
  conv("conv3_0", 3, 128, 256),
  conv("conv3_1", 3, 256, 256),
  conv("conv3_2", 3, 256, 256),
  conv("fc6", 4, 256, 256),
];
export const outputLayer = conv("score", 1, 256, 100);

/** A kernel's neurons as rows, `[out, k·k·in]`. */
export function heNormal({ name, size, from, to }: ConvLayer, seed: number): Kernel {
  const dim = size * size * from;
  const deviation = Math.sqrt(2 / dim);
  const data = randomStream(seed, `${name}, weights`, 0).fillNormal(new Float32Array(to * dim));
  return { data: data.map((value) => deviation * value), shape: [to, dim] };
}

/** s = 2, and the ε that the authors add to every squared norm. */
const common = { potential: { kind: "riesz", s: 2 }, normEpsilon: 1e-4 } as const;

export const outputEnergy: EnergyConfig = { ...common, space: "full" };

/** The energy of a hidden layer; the first one, with three input channels, isn't projected. */
export function hiddenEnergy(projection: ProjectionInput, layer: ConvLayer): EnergyConfig {
  return { ...common, space: "half", projection: layer.from === 3 ? { kind: "none" } : projection };
}

/** The authors' three strategies, and `thom` in the first line of their training logs. */
export const strategies: readonly { readonly projection: ProjectionInput; readonly logged: number }[] = [
  { projection: { kind: "random", dimension: 40, count: 20 }, logged: 5.135 },
  {
    projection: {
      kind: "angle-preserving",
      dimension: 30,
      measure: "cosine",
      form: "root",
      steps: 1,
      learningRate: 0.1,
      through: "unrolled",
    },
    logged: 5.18,
  },
  {
    // Ten steps of an optimizer, and one more inside the loss.
    projection: { kind: "adversarial", dimension: 30, steps: 11, learningRate: 0.1, ascentSpace: "full" },
    logged: 5.181,
  },
];

/** `thomf` of the same lines: ten times the output layer's energy. */
export const loggedOutput = 5.02;
