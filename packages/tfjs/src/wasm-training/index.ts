/**
 * Training of convolutional networks on the wasm backend of TensorFlow.js (4.22 at the time of writing): {@link enableWasmTraining}.
 *
 * The backend has no `Conv2DBackpropFilter`, neither of the depthwise gradients and no `UnsortedSegmentSum` (the
 * gradient of an embedding), so a model with such a layer predicts on it and cannot be trained. Four more kernels that
 * training leans on are there, but as scalar loops. `enableWasmTraining` supplies the first and replaces the second.
 *
 * Milliseconds of one training step: batch 128 of 28×28×1, conv 3×3×32, pool, conv 3×3×64, pool, dense 128, dense 10,
 * momentum; the second column with batch normalization after each convolution. Median CPU time of 15 steps, in node 20
 * with SIMD on one thread of a 2-core AVX2 machine; wasm-training.bench.ts repeats the first column.
 *
 * |                            | plain | batch norm |
 * | -------------------------- | ----- | ---------- |
 * | missing kernels supplied   |  1090 |       1940 |
 * | slow kernels replaced too  |   430 |        980 |
 *
 * @packageDocumentation
 */
import { getKernel, getKernelsForBackend, registerKernel, unregisterKernel } from "@tensorflow/tfjs-core";
import { conv2dFilterGradient } from "./conv2d-filter-gradient.js";
import { conv2dInputGradient } from "./conv2d-input-gradient.js";
import { depthwiseFilterGradient } from "./depthwise-filter-gradient.js";
import { depthwiseInputGradient } from "./depthwise-input-gradient.js";
import type { KernelReplacement, SuppliedKernel } from "./kernel.js";
import { maxPoolGradient } from "./max-pool-gradient.js";
import { segmentSum } from "./segment-sum.js";
import { tile } from "./tile.js";
import { transposedMatMul } from "./transposed-mat-mul.js";

const MISSING: readonly SuppliedKernel[] = [
  conv2dFilterGradient,
  depthwiseInputGradient,
  depthwiseFilterGradient,
  segmentSum,
];
const SLOW: readonly KernelReplacement[] = [conv2dInputGradient, maxPoolGradient, transposedMatMul, tile];

const replaced = new WeakSet<object>();

/** Options of {@link enableWasmTraining}. */
export interface WasmTrainingOptions {
  /** Whether kernels are replaced, too, that the backend has but that make training several times slower. Default true. */
  readonly replaceSlow?: boolean;
}

/**
 * Registers what the wasm backend needs for training and returns the names of the kernels it registered: none on a
 * second call, and none that a later version of the backend brings itself. Call it after
 * `@tensorflow/tfjs-backend-wasm` has been imported; the backend need not be active yet.
 *
 * @throws Error where the wasm backend isn't loaded, or belongs to another copy of `@tensorflow/tfjs-core`
 */
export function enableWasmTraining({ replaceSlow = true }: WasmTrainingOptions = {}): string[] {
  if (getKernelsForBackend("wasm").length === 0) {
    throw new Error(
      'The wasm backend is not loaded: import "@tensorflow/tfjs-backend-wasm" before calling enableWasmTraining(). ' +
        "If it is imported, there are two copies of @tensorflow/tfjs-core: npm ls @tensorflow/tfjs-core shows them.",
    );
  }
  const registered: string[] = [];
  for (const kernel of MISSING) {
    if (getKernel(kernel.kernelName, "wasm")) continue;
    registerKernel({ ...kernel, backendName: "wasm" });
    registered.push(kernel.kernelName);
  }
  if (!replaceSlow) return registered;
  for (const { kernelName, replace } of SLOW) {
    const builtIn = getKernel(kernelName, "wasm");
    if (!builtIn || replaced.has(builtIn.kernelFunc)) continue;
    const kernelFunc = replace(builtIn.kernelFunc);
    replaced.add(kernelFunc);
    // Unregistering first, because tfjs warns of every overwritten kernel. The built-in's set-up stays: it is still
    // called for the cases that the replacement leaves to it.
    unregisterKernel(kernelName, "wasm");
    registerKernel({ ...builtIn, kernelFunc });
    registered.push(kernelName);
  }
  return registered;
}
