/** A matrix's transpose: what every training step of a layer does twice, with the weights and with their gradient. */
import type { FloatArray } from "../backend/backend.js";

/** Columns whose cache lines in the result stay at hand until four times four rows have filled them. */
const block = 256;

/**
 * Writes `data`, `rows`×`columns`, transposed and times a number. Four rows at once: of what is written, numbers beside each other then
 * share an address to work out, and a line of the cache is visited a quarter as often.
 */
export function transpose(
  data: FloatArray,
  rows: number,
  columns: number,
  result: FloatArray,
  times: number,
): FloatArray {
  for (let first = 0; first < columns; first += block) {
    const last = Math.min(columns, first + block);
    let row = 0;
    for (; row + 4 <= rows; row += 4) {
      let a = row * columns + first;
      let b = a + columns;
      let c = b + columns;
      let d = c + columns;
      const end = row * columns + last;
      for (let to = first * rows + row; a < end; to += rows) {
        result[to] = times * data[a++]!;
        result[to + 1] = times * data[b++]!;
        result[to + 2] = times * data[c++]!;
        result[to + 3] = times * data[d++]!;
      }
    }
    for (; row < rows; row++) {
      let to = first * rows + row;
      for (let column = first; column < last; column++, to += rows) result[to] = times * data[row * columns + column]!;
    }
  }
  return result;
}
