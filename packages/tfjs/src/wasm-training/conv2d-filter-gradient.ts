import {
  add,
  backend_util,
  Conv2DBackpropFilter,
  type Conv2DBackpropFilterAttrs,
  conv2d,
  slice,
  type Tensor4D,
  tidy,
  transpose,
} from "@tensorflow/tfjs-core";
import { frame } from "./frame.js";
import { inputTensors, type SuppliedKernel } from "./kernel.js";

/** What the copies of one chunk of the batch may take. */
const CHUNK_BYTES = 64 * 2 ** 20;

/**
 * The filter's gradient, ∂[i, j, c, o] = Σ over b, y, x of input[b, y·stride + i − pad, x·stride + j − pad, c] · dy[b, y, x, o],
 * is itself a convolution: the input's channels are its images, the batch is its channels, dy is its filter, and the
 * stride has become the dilation. So the backend's fast forward kernel computes it, without the patches of im2col, which
 * are kh·kw times the input.
 *
 * Milliseconds for the two convolutions of index.ts's network and for batch 16, 32×32, 64 → 64 channels:
 * this 37, 73, 99; one matMul per tap on shifted slices 81, 93, 158; patches gathered in JavaScript and one matMul
 * 45, 130, 130. (The matMul alone, its right side already packed: 5, 47, 61. Packing is most of the first column.)
 */
export const conv2dFilterGradient: SuppliedKernel = {
  kernelName: Conv2DBackpropFilter,
  kernelFunc: ({ inputs, attrs }) => {
    const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attrs as unknown as Conv2DBackpropFilterAttrs;
    if (dataFormat !== "NHWC") {
      throw new Error(
        `Conv2DBackpropFilter on the wasm backend takes NHWC data, not ${dataFormat}: transpose it first.`,
      );
    }
    const { x, dy } = inputTensors<"x" | "dy", Tensor4D>(inputs);
    const info = backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
    return tidy(() => transpose(overBatch(x, dy, info), [1, 2, 0, 3]));
  },
};

function overBatch(x: Tensor4D, dy: Tensor4D, info: backend_util.Conv2DInfo): Tensor4D {
  const batch = info.batchSize;
  // The forward kernel reorders its filter twice, so dy exists three times over.
  const bytesEach = (4 * (x.size + 3 * dy.size)) / batch;
  const size = Math.max(1, Math.floor(CHUNK_BYTES / bytesEach));
  if (size >= batch) return correlate(x, dy, info);
  let total = chunk(x, dy, info, 0, size);
  for (let begin = size; begin < batch; begin += size) {
    total = tidy(() => add(total, chunk(x, dy, info, begin, Math.min(size, batch - begin))));
  }
  return total;
}

function chunk(x: Tensor4D, dy: Tensor4D, info: backend_util.Conv2DInfo, begin: number, size: number): Tensor4D {
  return tidy(() => correlate(slice(x, begin, size), slice(dy, begin, size), info));
}

/** The gradient as [in, kh, kw, out]. */
function correlate(x: Tensor4D, dy: Tensor4D, info: backend_util.Conv2DInfo): Tensor4D {
  const { filterHeight, filterWidth, inHeight, inWidth, outHeight, outWidth, padInfo, strideHeight, strideWidth } =
    info;
  // Rows and columns at the end that no stride reached get a negative margin.
  const { image, pad } = frame(transpose(x, [3, 1, 2, 0]), {
    top: padInfo.top,
    bottom: filterHeight + (outHeight - 1) * strideHeight - inHeight - padInfo.top,
    left: padInfo.left,
    right: filterWidth + (outWidth - 1) * strideWidth - inWidth - padInfo.left,
  });
  return conv2d(image, transpose(dy, [1, 2, 0, 3]), 1, pad, "NHWC", [strideHeight, strideWidth]);
}
