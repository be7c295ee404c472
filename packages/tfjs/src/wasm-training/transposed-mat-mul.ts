import { BatchMatMul, type BatchMatMulAttrs, matMul, type Tensor, tidy, transpose, util } from "@tensorflow/tfjs-core";
import { inputTensors, type KernelReplacement } from "./kernel.js";

/** Below this many multiplications the built-in kernel is done before a transpose has been dispatched. */
const WORTH_TRANSPOSING = 2 ** 14;

/**
 * The built-in kernel uses SIMD for one plain product only; a transposed operand, which both gradients of a dense layer
 * have, sends it to scalar loops. Transposing first: 0.3 ms instead of 3 to 4 for 128×128×128.
 */
export const transposedMatMul: KernelReplacement = {
  kernelName: BatchMatMul,
  replace: (builtIn) => (params) => {
    const { transposeA, transposeB } = params.attrs as unknown as BatchMatMulAttrs;
    const { a, b } = inputTensors<"a" | "b">(params.inputs);
    if ((!transposeA && !transposeB) || batchOf(a) > 1 || batchOf(b) > 1) return builtIn(params);
    const columns = b.shape[b.shape.length - (transposeB ? 2 : 1)];
    if (util.sizeFromShape(a.shape) * columns < WORTH_TRANSPOSING) return builtIn(params);
    return tidy(() => matMul(transposeA ? swapLastAxes(a) : a, transposeB ? swapLastAxes(b) : b));
  },
};

function batchOf({ shape }: Tensor): number {
  return util.sizeFromShape(shape.slice(0, -2));
}

function swapLastAxes(matrix: Tensor): Tensor {
  const axes = matrix.shape.map((_, axis) => axis);
  const last = axes.length - 1;
  [axes[last - 1], axes[last]] = [last, last - 1];
  return transpose(matrix, axes);
}
