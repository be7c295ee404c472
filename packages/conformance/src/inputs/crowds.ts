/** Sets of rows for the pairwise operations, by how close their rows come. */
import { normalRows, placed, type Rows, withZeroRows } from "./rows.js";

const apart = normalRows(51, 6, 5, 3);

/** Batch entry 1 holds the close pairs: rows 6 … 11 of the batch. */
export const crowds: Readonly<Record<string, Rows>> = {
  apart,
  near: placed(apart, [
    { of: 7, from: 6, factor: 2, chord: 0.05 },
    { of: 9, from: 8, factor: -1, chord: 0.04 },
  ]),
  "a zero row": withZeroRows(apart, [8]),
  "below the floor": placed(apart, [
    { of: 7, from: 6, factor: 1.5, chord: 0.002 },
    { of: 9, from: 8, factor: -0.7, chord: 0.003 },
  ]),
  // Powers of two, so that directions coincide to the last bit.
  coincident: placed(apart, [
    { of: 7, from: 6, factor: 2, chord: 0 },
    { of: 9, from: 8, factor: -0.5, chord: 0 },
  ]),
};
