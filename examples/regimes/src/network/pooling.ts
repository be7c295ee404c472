/** What makes images smaller. Rows are pixels, columns channels. */
import type { Layer } from "./layer.js";

/** The largest of 2×2 pixels; what doesn't fill a window is left out. */
export function maxPool(side: number, channels: number): Layer {
  const half = Math.floor(side / 2);
  let taken = new Int32Array(0);
  let size = 0;
  return {
    spec: { kind: "max-pool" },
    parameters: [],
    forward(input) {
      const images = input.length / (side * side * channels);
      const output = new Float32Array(images * half * half * channels);
      taken = new Int32Array(output.length);
      size = input.length;
      for (let image = 0, at = 0; image < images; image++) {
        for (let y = 0; y < half; y++) {
          for (let x = 0; x < half; x++) {
            const corner = ((image * side + 2 * y) * side + 2 * x) * channels;
            for (let c = 0; c < channels; c++, at++) {
              let best = corner + c;
              for (const step of [channels, side * channels, (side + 1) * channels]) {
                if (input[corner + c + step]! > input[best]!) best = corner + c + step;
              }
              output[at] = input[best]!;
              taken[at] = best;
            }
          }
        }
      }
      return output;
    },
    backward(slope) {
      const result = new Float32Array(size);
      for (let at = 0; at < slope.length; at++) result[taken[at]!]! += slope[at]!;
      return result;
    },
  };
}

/** The mean over an image's pixels. */
export function globalMean(pixels: number, channels: number): Layer {
  return {
    spec: { kind: "global-mean" },
    parameters: [],
    forward(input) {
      const output = new Float32Array(input.length / pixels);
      for (let at = 0; at < input.length; at++) {
        const image = Math.floor(at / (pixels * channels));
        output[image * channels + (at % channels)]! += input[at]! / pixels;
      }
      return output;
    },
    backward(slope) {
      const result = new Float32Array(slope.length * pixels);
      for (let at = 0; at < result.length; at++) {
        const image = Math.floor(at / (pixels * channels));
        result[at] = slope[image * channels + (at % channels)]! / pixels;
      }
      return result;
    },
  };
}
