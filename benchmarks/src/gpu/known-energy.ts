/**
 * Rows whose energy is known without their products: row (a, b) is [p_a, q_b] of two small sets of unit rows, so that its cosine with row
 * (a′, b′) is ½(p_a·p_a′ + q_b·q_b′). In float64 a pair costs an addition and ψ, whatever d is: 65,536 rows take seconds.
 */
import { randomStream } from "@comhe/core";

export interface KnownRows {
  readonly data: Float32Array;
  readonly count: number;
  readonly dim: number;
  /** How many rows each of the two sets has, and their cosines. */
  readonly sides: readonly [number, number];
  readonly cosines: readonly [Float64Array, Float64Array];
}

function unitRows(seed: number, count: number, dim: number): Float64Array {
  const rows = Float64Array.from(randomStream(seed, "known rows", 0).fillNormal(new Float32Array(count * dim)));
  for (let row = 0; row < count; row++) {
    const own = rows.subarray(row * dim, (row + 1) * dim);
    const norm = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    for (let k = 0; k < dim; k++) own[k]! /= norm;
  }
  return rows;
}

function products(rows: Float64Array, count: number, dim: number): Float64Array {
  const result = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      let sum = 0;
      for (let k = 0; k < dim; k++) sum += rows[i * dim + k]! * rows[j * dim + k]!;
      result[i * count + j] = sum;
    }
  }
  return result;
}

/** @param dim an even number; @param count a product of two numbers above 1 */
export function knownRows(count: number, dim: number): KnownRows {
  let first = Math.floor(Math.sqrt(count));
  while (first > 1 && count % first !== 0) first--;
  if (!(first > 1) || dim % 2 !== 0) {
    throw new RangeError(`knownRows: expected a product of rows, and an even number of columns, got ${count}×${dim}.`);
  }
  const [sides, half] = [[first, count / first] as const, dim / 2];
  const sets = sides.map((side, n) => unitRows(n, side, half)) as [Float64Array, Float64Array];
  const data = new Float32Array(count * dim);
  for (let row = 0; row < count; row++) {
    const [a, b] = [Math.floor(row / sides[1]), row % sides[1]];
    data.set(sets[0].subarray(a * half, (a + 1) * half), row * dim);
    data.set(sets[1].subarray(b * half, (b + 1) * half), row * dim + half);
  }
  return { data, count, dim, sides, cosines: [products(sets[0], sides[0], half), products(sets[1], sides[1], half)] };
}

/** The energy of half space at s = 2, in float64: the mean over pairs of all 2N points, 1/(1 − c²) for a pair of rows, φ(−1) = ¼ for a row alone. */
export function knownEnergy({ cosines: [p, q], sides: [first, second], count }: KnownRows): number {
  let total = 0;
  for (let a = 0; a < first; a++) {
    for (let other = 0; other < first; other++) {
      const ofFirst = p[a * first + other]!;
      let sum = 0;
      for (let n = 0; n < second * second; n++) {
        // The row itself.
        if (a === other && n % (second + 1) === 0) continue;
        const c = (ofFirst + q[n]!) / 2;
        sum += 1 / (1 - c * c);
      }
      total += sum;
    }
  }
  // Each pair is in `total` twice, as the formula's 2Σ has it.
  return (total + count / 4) / (count * (2 * count - 1));
}
