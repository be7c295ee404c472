import type { Layer } from "./layer.js";

/** max(x, 0). */
export function relu(): Layer {
  let kept = new Float32Array(0);
  return {
    spec: { kind: "relu" },
    parameters: [],
    forward(input, isTraining) {
      const output = new Float32Array(input.length);
      for (let at = 0; at < input.length; at++) output[at] = input[at]! > 0 ? input[at]! : 0;
      if (isTraining) kept = output;
      return output;
    },
    backward(slope) {
      const result = new Float32Array(slope.length);
      for (let at = 0; at < slope.length; at++) result[at] = kept[at]! > 0 ? slope[at]! : 0;
      return result;
    },
  };
}
