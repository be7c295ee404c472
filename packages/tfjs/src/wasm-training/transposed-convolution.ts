import { type backend_util, pad, reshape, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import type { Margins } from "./frame.js";

/**
 * The gradient of a convolution with respect to its input is a convolution again, of stride 1 with the flipped filter,
 * over the output's gradient spread out by the stride. This gives the spread gradient and the margins that make the
 * result as large as the input.
 */
export function spreadOutputGradient(
  dy: Tensor4D,
  info: backend_util.Conv2DInfo,
): { readonly spread: Tensor4D; readonly margins: Margins } {
  const { inHeight, inWidth, padInfo, strideHeight, strideWidth } = info;
  const spread = interleaveZeros(dy, strideHeight, strideWidth);
  const top = info.effectiveFilterHeight - 1 - padInfo.top;
  const left = info.effectiveFilterWidth - 1 - padInfo.left;
  const bottom = inHeight + info.effectiveFilterHeight - 1 - spread.shape[1] - top;
  const right = inWidth + info.effectiveFilterWidth - 1 - spread.shape[2] - left;
  return { spread, margins: { top, bottom, left, right } };
}

/** Every row followed by `strideHeight − 1` rows of zeros, every column by `strideWidth − 1` columns of zeros. */
function interleaveZeros(image: Tensor4D, strideHeight: number, strideWidth: number): Tensor4D {
  const [batch, height, width, channels] = image.shape;
  let spread: Tensor = image;
  if (strideWidth > 1) {
    spread = pad(reshape(spread, [batch * height * width, channels]), [
      [0, 0],
      [0, (strideWidth - 1) * channels],
    ]);
  }
  if (strideHeight > 1) {
    const row = width * strideWidth * channels;
    spread = pad(reshape(spread, [batch * height, row]), [
      [0, 0],
      [0, (strideHeight - 1) * row],
    ]);
  }
  return reshape(spread, [batch, height * strideHeight, width * strideWidth, channels]);
}
