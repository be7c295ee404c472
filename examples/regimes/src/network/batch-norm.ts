/** Batch normalization over all rows, channel by channel (Ioffe and Szegedy 2015): of images, rows are their pixels. */
import type { Layer, Parameter } from "./layer.js";

const EPSILON = 1e-5;
/** Of the running mean and variance, which predictions use. */
const MOMENTUM = 0.9;

export function batchNorm(name: string, channels: number): Layer {
  const scale: Parameter = {
    name: `${name}/scale`,
    value: new Float32Array(channels).fill(1),
    gradient: new Float32Array(channels),
  };
  const shift: Parameter = {
    name: `${name}/shift`,
    value: new Float32Array(channels),
    gradient: new Float32Array(channels),
  };
  const running = { mean: new Float64Array(channels), variance: new Float64Array(channels).fill(1) };
  let normalized = new Float32Array(0);
  let inverse = new Float64Array(channels);
  return {
    spec: { kind: "batch-norm", channels },
    parameters: [scale, shift],
    forward(input, isTraining) {
      const rows = input.length / channels;
      const { mean, variance } = isTraining ? moments(input, channels) : running;
      const factor = variance.map((value) => 1 / Math.sqrt(value + EPSILON));
      const output = new Float32Array(input.length);
      const kept = new Float32Array(isTraining ? input.length : 0);
      for (let row = 0, at = 0; row < rows; row++) {
        for (let c = 0; c < channels; c++, at++) {
          const value = (input[at]! - mean[c]!) * factor[c]!;
          if (isTraining) kept[at] = value;
          output[at] = value * scale.value[c]! + shift.value[c]!;
        }
      }
      if (isTraining) {
        [normalized, inverse] = [kept, factor];
        for (let c = 0; c < channels; c++) {
          running.mean[c] = MOMENTUM * running.mean[c]! + (1 - MOMENTUM) * mean[c]!;
          running.variance[c] = MOMENTUM * running.variance[c]! + (1 - MOMENTUM) * variance[c]!;
        }
      }
      return output;
    },
    backward(slope) {
      const rows = slope.length / channels;
      const sum = new Float64Array(channels);
      const along = new Float64Array(channels);
      for (let row = 0, at = 0; row < rows; row++) {
        for (let c = 0; c < channels; c++, at++) {
          sum[c]! += slope[at]!;
          along[c]! += slope[at]! * normalized[at]!;
        }
      }
      shift.gradient.set(sum);
      scale.gradient.set(along);
      const result = new Float32Array(slope.length);
      for (let row = 0, at = 0; row < rows; row++) {
        for (let c = 0; c < channels; c++, at++) {
          const centred = slope[at]! - (sum[c]! + normalized[at]! * along[c]!) / rows;
          result[at] = scale.value[c]! * inverse[c]! * centred;
        }
      }
      return result;
    },
  };
}

function moments(input: Float32Array, channels: number) {
  const rows = input.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  for (let row = 0, at = 0; row < rows; row++) for (let c = 0; c < channels; c++, at++) mean[c]! += input[at]! / rows;
  for (let row = 0, at = 0; row < rows; row++) {
    for (let c = 0; c < channels; c++, at++) variance[c]! += (input[at]! - mean[c]!) ** 2 / rows;
  }
  return { mean, variance };
}
