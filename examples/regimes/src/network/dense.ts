/** Y = X·Wᵀ + b, a neuron in each row of W; N(0, gain/inputs) at the start, biases 0. */
import { randomStream } from "@comhe/core";
import type { Layer, Parameter } from "./layer.js";
import { multiply } from "./products.js";

export interface DenseOptions {
  readonly name: string;
  readonly inputs: number;
  readonly units: number;
  readonly seed: number;
  /** 2 under a ReLU (He), else 1. */
  readonly gain: number;
  /** Default true. */
  readonly hasBias?: boolean;
}

export function dense({ name, inputs, units, seed, gain, hasBias = true }: DenseOptions): Layer {
  const drawn = randomStream(seed, `kernel ${name}`, 0).fillNormal(new Float32Array(units * inputs));
  const deviation = Math.sqrt(gain / inputs);
  const kernel: Parameter = {
    name,
    value: drawn.map((value) => value * deviation),
    gradient: new Float32Array(units * inputs),
    shape: [units, inputs],
  };
  const bias: Parameter = { name: `${name}/bias`, value: new Float32Array(units), gradient: new Float32Array(units) };
  let kept = new Float32Array(0);
  return {
    spec: { kind: "dense", inputs, units, hasBias },
    parameters: hasBias ? [kernel, bias] : [kernel],
    forward(input, isTraining) {
      if (isTraining) kept = input as Float32Array<ArrayBuffer>;
      const rows = input.length / inputs;
      const output = multiply([input, rows, inputs], [kernel.value, units, inputs], { transposeB: true });
      if (hasBias) for (let at = 0; at < output.length; at++) output[at]! += bias.value[at % units]!;
      return output;
    },
    backward(slope) {
      const rows = slope.length / units;
      kernel.gradient.set(multiply([slope, rows, units], [kept, rows, inputs], { transposeA: true }));
      bias.gradient.fill(0);
      for (let at = 0; at < slope.length; at++) bias.gradient[at % units]! += slope[at]!;
      return multiply([slope, rows, units], [kernel.value, units, inputs]);
    },
  };
}
