/** The networks of the regimes. */
import { batchNorm } from "../network/batch-norm.js";
import { convolution } from "../network/convolution.js";
import { dense } from "../network/dense.js";
import type { Layer } from "../network/layer.js";
import { chain, type Network } from "../network/network.js";
import { globalMean, maxPool } from "../network/pooling.js";
import { relu } from "../network/relu.js";

export const CLASSES = 10;

interface PerceptronOptions {
  readonly inputs: number;
  readonly hidden: readonly number[];
  readonly seed: number;
  readonly isNormalized?: boolean;
  /** Hidden layers without a ReLU, counted from 1; default: none. */
  readonly isLinear?: (position: number) => boolean;
  /** Default: the hidden layers. */
  readonly isRegularized?: (name: string) => boolean;
}

const isHidden = (name: string) => name.startsWith("hidden");

/** Dense layers, most of them under ReLUs, then logits. */
export function perceptron({ inputs, hidden, seed, isNormalized = false, ...options }: PerceptronOptions): Network {
  const isLinear = options.isLinear ?? (() => false);
  const layers = hidden.flatMap((units, n): Layer[] => {
    const name = `hidden-${n + 1}`;
    const from = n === 0 ? inputs : hidden[n - 1]!;
    const gain = isLinear(n + 1) ? 1 : 2;
    return [
      dense({ name, inputs: from, units, seed, gain, hasBias: !isNormalized }),
      ...(isNormalized ? [batchNorm(`norm-${n + 1}`, units)] : []),
      ...(isLinear(n + 1) ? [] : [relu()]),
    ];
  });
  const output = dense({ name: "output", inputs: hidden.at(-1) ?? inputs, units: CLASSES, seed, gain: 1 });
  return chain([...layers, output], options.isRegularized ?? isHidden);
}

const FILTERS = [32, 64, 64, 64] as const;

/** Four 3×3 convolutions with batch norm, pooling behind the first two, the mean over pixels, logits. The first kernel, of one channel, isn't regularized. */
export function convolutional(side: number, seed: number): Network {
  let size = side;
  let channels = 1;
  const layers: Layer[] = [];
  FILTERS.forEach((filters, n) => {
    const name = `hidden-${n + 1}`;
    layers.push(convolution({ name, side: size, channels, filters, seed, gain: 2 }));
    layers.push(batchNorm(`norm-${n + 1}`, filters), relu());
    channels = filters;
    if (n > 1) return;
    layers.push(maxPool(size, channels));
    size = Math.floor(size / 2);
  });
  layers.push(globalMean(size * size, channels));
  layers.push(dense({ name: "output", inputs: channels, units: CLASSES, seed, gain: 1 }));
  return chain(layers, (name) => isHidden(name) && name !== "hidden-1");
}
