import {
  backend_util,
  DepthwiseConv2dNativeBackpropInput,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  depthwiseConv2d,
  reshape,
  reverse,
  sum,
  type Tensor4D,
  tidy,
} from "@tensorflow/tfjs-core";
import { frame } from "./frame.js";
import { inputTensors, type SuppliedKernel } from "./kernel.js";
import { spreadOutputGradient } from "./transposed-convolution.js";

/**
 * A depthwise convolution of dy with the flipped filter. With a channel multiplier every output channel is convolved on
 * its own, and the channels that came from one input channel are then added up.
 */
export const depthwiseInputGradient: SuppliedKernel = {
  kernelName: DepthwiseConv2dNativeBackpropInput,
  kernelFunc: ({ inputs, attrs }) => {
    const { strides, dilations, pad, dimRoundingMode, inputShape } =
      attrs as unknown as DepthwiseConv2dNativeBackpropInputAttrs;
    const { dy, filter } = inputTensors<"dy" | "filter", Tensor4D>(inputs);
    const [filterHeight, filterWidth, channels, multiplier] = filter.shape;
    const info = backend_util.computeConv2DInfo(
      inputShape,
      filter.shape,
      strides,
      dilations,
      pad,
      dimRoundingMode,
      true,
    );
    return tidy(() => {
      const { spread, margins } = spreadOutputGradient(dy, info);
      const framed = frame(spread, margins);
      const flipped = reshape(reverse(filter, [0, 1]), [filterHeight, filterWidth, channels * multiplier, 1]);
      const each: Tensor4D = depthwiseConv2d(framed.image, flipped as Tensor4D, 1, framed.pad, "NHWC", [
        info.dilationHeight,
        info.dilationWidth,
      ]);
      if (multiplier === 1) return each;
      return reshape(sum(reshape(each, [-1, channels, multiplier]), 2), inputShape);
    });
  },
};
