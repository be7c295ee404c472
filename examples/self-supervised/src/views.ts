/**
 * Random views of an image: turned, scaled and shifted a little, some pixels masked, and noise on all. Two views of one image are what an
 * encoder should tell apart from others, and not from each other. Everything is drawn from one stream, so that arms see the same views.
 */
import type { RandomStream } from "@comhe/core";

const SIDE = 8;
const PIXELS = SIDE * SIDE;

/** Steps of what is drawn between 0 and 1. */
const fine = 2 ** 30;

/** How far a view may be from its image. */
export const VIEW = {
  /** Degrees, either way. */
  turn: 15,
  /** Relative, either way. */
  scale: 0.15,
  /** Pixels, either way and axis. */
  shift: 1,
  /** Probability of a pixel to be masked. */
  mask: 0.15,
  /** Standard deviation of the noise, of pixels in 0–1. */
  noise: 0.1,
} as const;

/**
 * One view, into `target`.
 *
 * @param image 64 pixels in 0–1, row by row
 * @param target the view's 64 pixels, not clamped
 */
export function drawView(image: Float32Array, random: RandomStream, target: Float32Array): void {
  const uniform = () => random.below(fine) / fine;
  const within = (most: number) => (2 * uniform() - 1) * most;
  const angle = (within(VIEW.turn) * Math.PI) / 180;
  const scale = 1 / (1 + within(VIEW.scale));
  const [shiftX, shiftY] = [within(VIEW.shift), within(VIEW.shift)];
  const [cos, sin] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
  const center = (SIDE - 1) / 2;
  const noise = random.fillNormal(new Float32Array(PIXELS));
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const [dx, dy] = [x - center - shiftX, y - center - shiftY];
      const pixel = sample(image, center + cos * dx + sin * dy, center - sin * dx + cos * dy);
      const at = y * SIDE + x;
      target[at] = (uniform() < VIEW.mask ? 0 : pixel) + VIEW.noise * noise[at]!;
    }
  }
}

/** Bilinear; 0 outside. */
function sample(image: Float32Array, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - left, y - top];
  const at = (column: number, row: number) =>
    column < 0 || row < 0 || column >= SIDE || row >= SIDE ? 0 : image[row * SIDE + column]!;
  const upper = at(left, top) * (1 - fx) + at(left + 1, top) * fx;
  const lower = at(left, top + 1) * (1 - fx) + at(left + 1, top + 1) * fx;
  return upper * (1 - fy) + lower * fy;
}
