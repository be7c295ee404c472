/**
 * Small networks trained on the host, one product of matrices after another. TensorFlow.js spends most of a step of such a network on its own
 * bookkeeping (some 6 ms for eight layers of 48 units, where the arithmetic is a fraction of one), and this study has thousands of runs.
 *
 * A layer takes a batch as a matrix, row by row, and remembers what its derivative needs until `backward`.
 */

/** A matrix or a vector that is learned. */
export interface Parameter {
  readonly name: string;
  readonly value: Float32Array;
  /** Of the loss: written by the layer's `backward`. */
  readonly gradient: Float32Array;
  /** Of a kernel, whose rows are neurons; absent for biases, and for what scales and shifts. */
  readonly shape?: readonly [count: number, dim: number];
}

/** What a layer is, so that it can be built elsewhere. */
export type LayerSpec =
  | { readonly kind: "dense"; readonly inputs: number; readonly units: number; readonly hasBias: boolean }
  | { readonly kind: "convolution"; readonly side: number; readonly channels: number; readonly filters: number }
  | { readonly kind: "batch-norm"; readonly channels: number }
  | { readonly kind: "relu" }
  | { readonly kind: "max-pool" }
  | { readonly kind: "global-mean" };

export interface Layer {
  readonly spec: LayerSpec;
  readonly parameters: readonly Parameter[];
  /** @param isTraining whether statistics are the batch's own, and kept for `backward` */
  forward(input: Float32Array, isTraining: boolean): Float32Array;
  /** From the loss's slope by the layer's output to the one by its input; the parameters' gradients on the way. */
  backward(slope: Float32Array): Float32Array;
}
