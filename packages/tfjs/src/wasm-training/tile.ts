import { Tile, type TileAttrs, type TypedArray, tensor, util } from "@tensorflow/tfjs-core";
import { inputTensors, type KernelReplacement, readValues } from "./kernel.js";

/**
 * The gradient of batch normalization tiles a row to the size of the activations. By doubling copies: 5 ms against
 * the built-in kernel's 330 for 32 values to 128×28×28×32.
 */
export const tile: KernelReplacement = {
  kernelName: Tile,
  replace: (builtIn) => (params) => {
    const { reps } = params.attrs as unknown as TileAttrs;
    const { x } = inputTensors<"x">(params.inputs);
    if (x.dtype !== "float32" || x.shape.length === 0) return builtIn(params);
    const shape = x.shape.map((size, axis) => size * reps[axis]);
    const tiled = new Float32Array(util.sizeFromShape(shape));
    if (tiled.length > 0) tileInto(tiled, readValues(params.backend, x), x.shape, shape, reps);
    return tensor(tiled, shape);
  },
};

function tileInto(
  target: Float32Array,
  source: TypedArray,
  shape: readonly number[],
  tiledShape: readonly number[],
  reps: readonly number[],
): void {
  const strides = util.computeStrides([...shape, 1]);
  const tiledStrides = util.computeStrides([...tiledShape, 1]);
  const last = shape.length - 1;
  const fill = (axis: number, from: number, to: number): void => {
    if (axis === last) target.set(source.subarray(from, from + shape[last]), to);
    else for (let i = 0; i < shape[axis]; i++) fill(axis + 1, from + i * strides[axis], to + i * tiledStrides[axis]);
    const block = shape[axis] * tiledStrides[axis];
    const end = block * reps[axis];
    for (let filled = block; filled < end; filled *= 2) {
      target.copyWithin(to + filled, to, to + Math.min(filled, end - filled));
    }
  };
  fill(0, 0, 0);
}
