/** The recipe of a random array: enough for a backend to draw the very numbers that core would draw on the host. */
import type { StreamPosition } from "./random-stream.js";

/** Random numbers that a backend can draw by itself, which costs less than uploading them ({@link Backend.random}). */
export interface RandomDraw {
  /** `gaussian`: standard normal numbers; `rademacher`: +1 or −1. */
  readonly distribution: "gaussian" | "rademacher";
  /** The shape of the array, `[C, k, d]`. */
  readonly shape: readonly [count: number, dimension: number, dim: number];
  /**
   * Where in core's stream to begin. A normal number takes one word of the stream; a sign takes one bit, from the lowest bit of a word
   * on.
   */
  readonly from: StreamPosition;
}
