/** 3×3 convolution with padding: every pixel's surroundings become a row, and the rest is a dense layer. */
import { type DenseOptions, dense } from "./dense.js";
import type { Layer } from "./layer.js";

const SIZE = 3;
const WINDOW = SIZE * SIZE;

export interface ConvolutionOptions extends Pick<DenseOptions, "name" | "seed" | "gain"> {
  /** Of the square images. */
  readonly side: number;
  readonly channels: number;
  readonly filters: number;
}

/** `[images·side·side, channels]` to `[images·side·side, filters]`. */
export function convolution({ side, channels, filters, ...options }: ConvolutionOptions): Layer {
  const inner = dense({ ...options, inputs: WINDOW * channels, units: filters, hasBias: false });
  return {
    spec: { kind: "convolution", side, channels, filters },
    parameters: inner.parameters,
    forward: (input, isTraining) => inner.forward(windows(input, side, channels), isTraining),
    backward: (slope) => gather(inner.backward(slope), side, channels),
  };
}

/** Of each pixel and each place in its window: where the neighbour's channels begin; outside: -1. The same for every image. */
function neighbours(side: number): Int32Array {
  const table = new Int32Array(side * side * WINDOW);
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++, at++) {
          const isInside = y + dy >= 0 && y + dy < side && x + dx >= 0 && x + dx < side;
          table[at] = isInside ? (y + dy) * side + x + dx : -1;
        }
      }
    }
  }
  return table;
}

function windows(input: Float32Array, side: number, channels: number): Float32Array {
  const table = neighbours(side);
  const image = side * side * channels;
  const result = new Float32Array(input.length * WINDOW);
  for (let start = 0, to = 0; start < input.length; start += image) {
    for (const pixel of table) {
      if (pixel >= 0) {
        const from = start + pixel * channels;
        for (let c = 0; c < channels; c++) result[to + c] = input[from + c]!;
      }
      to += channels;
    }
  }
  return result;
}

/** The transpose of {@link windows}: every pixel gets the sum of what its places in windows got. */
function gather(slope: Float32Array, side: number, channels: number): Float32Array {
  const table = neighbours(side);
  const image = side * side * channels;
  const result = new Float32Array(slope.length / WINDOW);
  for (let start = 0, from = 0; start < result.length; start += image) {
    for (const pixel of table) {
      if (pixel >= 0) {
        const to = start + pixel * channels;
        for (let c = 0; c < channels; c++) result[to + c]! += slope[from + c]!;
      }
      from += channels;
    }
  }
  return result;
}
