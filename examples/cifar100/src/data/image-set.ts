/** Images of CIFAR-100 as its files hold them. */
export const SIDE = 32;
export const CHANNELS = 3;
/** Bytes of an image: the red plane, then the green and the blue one, row by row. */
export const PIXELS = CHANNELS * SIDE * SIDE;
export const CLASSES = 100;

export interface ImageSet {
  readonly count: number;
  /** count × {@link PIXELS}, from 0 to 255. */
  readonly pixels: Uint8Array;
  /** The fine labels, 0 to 99. */
  readonly labels: Uint8Array;
}
