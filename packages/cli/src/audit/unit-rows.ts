import type { FloatArray } from "@comhe/core";

/** Rows of length 1, and which rows have a direction. In the type of the rows. */
export function unitRows(rows: FloatArray, count: number, dim: number): { unit: FloatArray; live: Uint8Array } {
  const unit = rows.slice();
  const live = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    let largest = 0;
    for (let k = i * dim; k < (i + 1) * dim; k++) largest = Math.max(largest, Math.abs(rows[k]!));
    if (largest === 0) continue;
    live[i] = 1;
    let square = 0;
    for (let k = i * dim; k < (i + 1) * dim; k++) square += (rows[k]! / largest) ** 2;
    const norm = Math.sqrt(square);
    for (let k = i * dim; k < (i + 1) * dim; k++) unit[k] = rows[k]! / largest / norm;
  }
  return { unit, live };
}
