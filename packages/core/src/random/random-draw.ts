/** The recipe of a random array: enough for a backend to draw the very numbers that core would draw on the host. */
import type { StreamPosition } from "./random-stream.js";

/** Random numbers that a backend can draw by itself, which costs less than uploading them ({@link Backend.random}). */
export interface RandomDraw {
  readonly distribution: "gaussian" | "rademacher";
  readonly shape: readonly [count: number, dimension: number, dim: number];
  /** One word of the stream for a normal number; one bit for a sign, from the lowest of a word on. */
  readonly from: StreamPosition;
}
