/** Angles of pairs of neurons, and how far another set's angles are from them. */
import type { RandomStream } from "../random/random-stream.js";
import { type Chords, chords } from "../reference/chords.js";
import type { HostTensor } from "../reference/host-tensor.js";
import { directions } from "../reference/normalize.js";

/** How far angles are from the true ones, in radians. */
export interface AngleError {
  /** The mean absolute error. */
  readonly mean: number;
  /** The root of the mean squared error. */
  readonly rms: number;
  /** The largest absolute error. */
  readonly worst: number;
}

/** Unordered pairs of rows, i at 2n and j at 2n + 1. */
export type Pairs = Int32Array;

/** Every pair of `alive` rows, or `most` of them drawn at random (with repetition) where there are more. */
export function choosePairs(alive: readonly number[], most: number, random: RandomStream): Pairs {
  const count = (alive.length * (alive.length - 1)) / 2;
  const pairs = new Int32Array(2 * Math.min(count, most));
  if (count <= most) {
    let n = 0;
    for (let a = 0; a < alive.length; a++) {
      for (let b = a + 1; b < alive.length; b++) {
        pairs[n++] = alive[a]!;
        pairs[n++] = alive[b]!;
      }
    }
    return pairs;
  }
  for (let n = 0; n < pairs.length; n += 2) {
    const a = random.below(alive.length);
    const b = random.below(alive.length - 1);
    pairs[n] = alive[a]!;
    pairs[n + 1] = alive[b < a ? b : b + 1]!;
  }
  return pairs;
}

/** θ of each pair in each batch entry of the rows, `[batch, pairs]`. A row without direction is at right angles to all. */
export function anglesOf(rows: HostTensor, pairs: Pairs): Float64Array {
  const of = directions(rows, 0);
  const [batch = 1, count = 1] = rows.shape;
  const size = pairs.length / 2;
  const angles = new Float64Array(batch * size);
  const chord: Chords = { u: 0, v: 0, near: 0 };
  for (let b = 0; b < batch; b++) {
    for (let n = 0; n < size; n++) {
      const { u, v } = chords(of, b * count + pairs[2 * n]!, b * count + pairs[2 * n + 1]!, true, chord);
      angles[b * size + n] = 2 * Math.atan2(Math.sqrt(Math.max(u, 0)), Math.sqrt(Math.max(v, 0)));
    }
  }
  return angles;
}

/** Mean, root mean square and worst of numbers that come one by one. */
export class ErrorSum {
  private count = 0;
  private sum = 0;
  private squares = 0;
  private worst = 0;

  add(error: number): void {
    const size = Math.abs(error);
    this.count++;
    this.sum += size;
    this.squares += size * size;
    this.worst = Math.max(this.worst, size);
  }

  /** All 0 where nothing came. */
  result(): AngleError {
    const count = Math.max(this.count, 1);
    return { mean: this.sum / count, rms: Math.sqrt(this.squares / count), worst: this.worst };
  }
}
