import { type TypedArray, tensor, UnsortedSegmentSum, type UnsortedSegmentSumAttrs, util } from "@tensorflow/tfjs-core";
import { inputTensors, readValues, type SuppliedKernel } from "./kernel.js";

/** The gradient of a gather, hence of an embedding: each slice is added to the row its id names; other ids are dropped. */
export const segmentSum: SuppliedKernel = {
  kernelName: UnsortedSegmentSum,
  kernelFunc: ({ inputs, backend, attrs }) => {
    const { numSegments } = attrs as unknown as UnsortedSegmentSumAttrs;
    const { x, segmentIds } = inputTensors<"x" | "segmentIds">(inputs);
    const sliceShape = x.shape.slice(segmentIds.shape.length);
    const ids = readValues(backend, segmentIds);
    const sums = addSlices(readValues(backend, x), ids, numSegments, util.sizeFromShape(sliceShape));
    return tensor(sums, [numSegments, ...sliceShape], x.dtype);
  },
};

function addSlices(values: TypedArray, ids: TypedArray, segments: number, width: number): Float32Array {
  const sums = new Float32Array(segments * width);
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row];
    if (id < 0 || id >= segments) continue;
    for (let column = 0; column < width; column++) sums[id * width + column] += values[row * width + column];
  }
  return sums;
}
