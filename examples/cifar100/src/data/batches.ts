/**
 * Batches as the authors' code makes them: each pass in a new random order, its last incomplete batch left out; every image a
 * random crop of its original size out of itself with four mirrored pixels around it, flipped half of the time; pixels as
 * (x − 127.5)/128. A batch is a function of the seed and the step, so that a run can go on from any step.
 */
import { randomStream } from "@comhe/core";
import { randomOrder } from "@comhe-examples/study-kit/training";
import { recipe } from "../recipe.js";
import { CHANNELS, type ImageSet, PIXELS, SIDE } from "./image-set.js";

export interface Batch {
  /** count × 32 × 32 × 3, channels last. */
  readonly pixels: Float32Array;
  readonly labels: Uint8Array;
  readonly count: number;
}

/** Where an image's crop starts, from 0 to 8, and whether it is flipped. 4, 4 and no is the image itself. */
export interface Placement {
  readonly top: number;
  readonly left: number;
  readonly flip: boolean;
}

const { padding } = recipe;
const asItIs: Placement = { top: padding, left: padding, flip: false };

export class TrainingBatches {
  private order: { readonly pass: number; readonly rows: Int32Array } | undefined;
  readonly perPass: number;

  constructor(
    private readonly images: ImageSet,
    private readonly size: number,
    private readonly seed: number,
    private readonly augment: boolean,
  ) {
    this.perPass = Math.floor(images.count / size);
  }

  /** @param step counted from 0 */
  at(step: number): Batch {
    const pass = Math.floor(step / this.perPass);
    if (this.order?.pass !== pass) {
      this.order = { pass, rows: randomOrder(this.images.count, randomStream(this.seed, "order", pass)) };
    }
    const start = (step % this.perPass) * this.size;
    const rows = this.order.rows.subarray(start, start + this.size);
    if (!this.augment) return takeBatch(this.images, rows);
    const random = randomStream(this.seed, "augmentation", step);
    const shifts = 2 * padding + 1;
    return takeBatch(this.images, rows, () => ({
      top: random.below(shifts),
      left: random.below(shifts),
      flip: random.below(2) === 1,
    }));
  }
}

/** Images at these positions, as they are unless `place` says otherwise. */
export function takeBatch(images: ImageSet, rows: ArrayLike<number>, place: () => Placement = () => asItIs): Batch {
  const count = rows.length;
  const pixels = new Float32Array(count * PIXELS);
  const labels = new Uint8Array(count);
  for (let n = 0; n < count; n++) {
    const row = rows[n]!;
    labels[n] = images.labels[row]!;
    const image = images.pixels.subarray(row * PIXELS, (row + 1) * PIXELS);
    placeImage(image, place(), pixels.subarray(n * PIXELS, (n + 1) * PIXELS));
  }
  return { pixels, labels, count };
}

/** From planes to channels last, cropped, flipped and scaled. */
function placeImage(image: Uint8Array, { top, left, flip }: Placement, out: Float32Array): void {
  const plane = SIDE * SIDE;
  for (let y = 0; y < SIDE; y++) {
    const from = mirrored(y + top - padding) * SIDE;
    for (let x = 0; x < SIDE; x++) {
      const source = from + mirrored((flip ? SIDE - 1 - x : x) + left - padding);
      const target = (y * SIDE + x) * CHANNELS;
      for (let channel = 0; channel < CHANNELS; channel++) {
        out[target + channel] = (image[channel * plane + source]! - 127.5) / 128;
      }
    }
  }
}

/** Beyond the border the image goes on as its mirror image, the border's pixels twice (NumPy's "symmetric"). */
function mirrored(position: number): number {
  if (position < 0) return -1 - position;
  return position < SIDE ? position : 2 * SIDE - 1 - position;
}
