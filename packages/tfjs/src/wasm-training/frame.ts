import { slice, type Tensor4D } from "@tensorflow/tfjs-core";

/** Rows and columns to add around an image; negative ones are cut off instead. */
export interface Margins {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

type ExplicitPadding = [[number, number], [number, number], [number, number], [number, number]];

/** Convolutions pad by themselves but cannot crop: the image cropped where a margin is negative, and the padding left. */
export function frame(
  image: Tensor4D,
  { top, bottom, left, right }: Margins,
): { readonly image: Tensor4D; readonly pad: ExplicitPadding } {
  const pad: ExplicitPadding = [
    [0, 0],
    [Math.max(0, top), Math.max(0, bottom)],
    [Math.max(0, left), Math.max(0, right)],
    [0, 0],
  ];
  if (Math.min(top, bottom, left, right) >= 0) return { image, pad };
  const [batch, height, width, channels] = image.shape;
  const rows = height + Math.min(0, top) + Math.min(0, bottom);
  const columns = width + Math.min(0, left) + Math.min(0, right);
  const begin: [number, number, number, number] = [0, Math.max(0, -top), Math.max(0, -left), 0];
  return { image: slice(image, begin, [batch, rows, columns, channels]), pad };
}
