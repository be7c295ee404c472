/** The digits as the encoder takes them: pixels in 0–1, centred by the means of the unlabelled rows and scaled. */
import { type Digits, PIXELS } from "../../digits/src/digits-data.js";
import { regime } from "./regime.js";

export interface Images {
  /** Pixels in 0–1, rows × 64. */
  readonly pixels: Float32Array;
  readonly labels: Uint8Array;
  /** Puts pixels in 0–1 into the encoder's units, in place. */
  standardize(pixels: Float32Array): Float32Array;
}

export function prepareImages(digits: Digits): Images {
  const pixels = Float32Array.from(digits.pixels, (value) => value / 16);
  const means = new Float64Array(PIXELS);
  for (let at = 0; at < regime.poolRows * PIXELS; at++) means[at % PIXELS]! += pixels[at]! / regime.poolRows;
  return {
    pixels,
    labels: digits.labels,
    standardize(values) {
      for (let at = 0; at < values.length; at++) values[at] = (values[at]! - means[at % PIXELS]!) / regime.pixelScale;
      return values;
    },
  };
}
