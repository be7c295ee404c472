import {
  backend_util,
  DepthwiseConv2dNativeBackpropFilter,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type Tensor4D,
  type TypedArray,
  tensor,
} from "@tensorflow/tfjs-core";
import { inputTensors, readValues, type SuppliedKernel } from "./kernel.js";

/**
 * Each channel is a correlation of its own, so there is no matrix product in it: plain loops over host copies, with the
 * channels innermost, where both arrays are contiguous. 30 ms for batch 128, 14×14, 32 channels, 3×3.
 */
export const depthwiseFilterGradient: SuppliedKernel = {
  kernelName: DepthwiseConv2dNativeBackpropFilter,
  kernelFunc: ({ inputs, backend, attrs }) => {
    const { strides, dilations, pad, dimRoundingMode, filterShape } =
      attrs as unknown as DepthwiseConv2dNativeBackpropFilterAttrs;
    const { x, dy } = inputTensors<"x" | "dy", Tensor4D>(inputs);
    const info = backend_util.computeConv2DInfo(x.shape, filterShape, strides, dilations, pad, dimRoundingMode, true);
    const gradient = correlate(readValues(backend, x), readValues(backend, dy), info);
    return tensor(Float32Array.from(gradient), filterShape);
  },
};

function correlate(x: TypedArray, dy: TypedArray, info: backend_util.Conv2DInfo): Float64Array {
  const { filterHeight, filterWidth, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const gradient = new Float64Array(filterHeight * filterWidth * outChannels);
  for (let batch = 0; batch < info.batchSize; batch++) {
    for (let outY = 0; outY < outHeight; outY++) {
      for (let i = 0; i < filterHeight; i++) {
        const inY = outY * info.strideHeight + i * info.dilationHeight - info.padInfo.top;
        if (inY < 0 || inY >= inHeight) continue;
        for (let outX = 0; outX < outWidth; outX++) {
          const dyStart = ((batch * outHeight + outY) * outWidth + outX) * outChannels;
          for (let j = 0; j < filterWidth; j++) {
            const inX = outX * info.strideWidth + j * info.dilationWidth - info.padInfo.left;
            if (inX < 0 || inX >= inWidth) continue;
            const xStart = ((batch * inHeight + inY) * inWidth + inX) * inChannels;
            addProducts(gradient, (i * filterWidth + j) * outChannels, x, xStart, dy, dyStart, inChannels, outChannels);
          }
        }
      }
    }
  }
  return gradient;
}

/** One pixel's share in one tap: output channel c·multiplier + m belongs to input channel c. */
function addProducts(
  gradient: Float64Array,
  start: number,
  x: TypedArray,
  xStart: number,
  dy: TypedArray,
  dyStart: number,
  inChannels: number,
  outChannels: number,
): void {
  if (inChannels === outChannels) {
    for (let c = 0; c < inChannels; c++) gradient[start + c] += x[xStart + c] * dy[dyStart + c];
    return;
  }
  const multiplier = outChannels / inChannels;
  for (let c = 0, out = 0; c < inChannels; c++) {
    const value = x[xStart + c];
    for (const end = out + multiplier; out < end; out++) gradient[start + out] += value * dy[dyStart + out];
  }
}
