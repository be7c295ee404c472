/** Rows to test on. All are float32 values, so that backends of either precision see the same numbers. */
import { randomStream } from "@comhe/core";
import { inner } from "../compare/vectors.js";

/** `[batch, count, dim]`, row major. */
export interface Rows {
  readonly data: Float32Array;
  readonly batch: number;
  readonly count: number;
  readonly dim: number;
}

/** Independent normal numbers. */
export function normalRows(seed: number, count: number, dim: number, batch = 1): Rows {
  const data = randomStream(seed, "conformance", 0).fillNormal(new Float32Array(batch * count * dim));
  return { data, batch, count, dim };
}

/** Row `of` takes the direction of `factor` times row `from`, moved sideways by about `chord` times its length. */
export interface Placement {
  readonly of: number;
  readonly from: number;
  readonly factor: number;
  readonly chord: number;
}

/** Copies of the rows, with some of them placed beside others; rows count through the whole batch. */
export function placed(rows: Rows, placements: readonly Placement[]): Rows {
  const { dim } = rows;
  const data = rows.data.slice();
  for (const { of, from, factor, chord } of placements) {
    const source = data.slice(from * dim, (from + 1) * dim);
    const aside = sideways(source, data.subarray(of * dim, (of + 1) * dim));
    for (let k = 0; k < dim; k++) data[of * dim + k] = factor * (source[k]! + chord * aside[k]!);
  }
  return { ...rows, data };
}

/** The part of `other` at right angles to `row`, as long as `row`. */
function sideways(row: Float32Array, other: Float32Array): number[] {
  const squared = inner(row, row);
  const part = Array.from(other, (value, k) => value - (inner(row, other) / squared) * row[k]!);
  const length = Math.sqrt(inner(part, part));
  return part.map((value) => (length === 0 ? 0 : (value * Math.sqrt(squared)) / length));
}

/** Rows set to zero. */
export function withZeroRows(rows: Rows, zero: readonly number[]): Rows {
  const data = rows.data.slice();
  for (const i of zero) data.fill(0, i * rows.dim, (i + 1) * rows.dim);
  return { ...rows, data };
}

/** Row i times `scale(i)`. */
export function scaledRows(rows: Rows, scale: (row: number) => number): Rows {
  return { ...rows, data: rows.data.map((value, n) => value * scale(Math.floor(n / rows.dim))) };
}

/** ρ_i = √(‖w_i‖² + ε) of every row. */
export function rowNorms({ data, dim }: Pick<Rows, "data" | "dim">, normEpsilon: number): Float64Array {
  return Float64Array.from({ length: data.length / dim }, (_, i) =>
    Math.hypot(Math.sqrt(normEpsilon), ...data.subarray(i * dim, (i + 1) * dim)),
  );
}

const chords = new WeakMap<Rows, number>();

/** The shortest chord between two directions, or between one and the opposite of another, of one batch entry. */
export function shortestChord(rows: Rows): number {
  const chord = chords.get(rows) ?? findShortestChord(rows);
  chords.set(rows, chord);
  return chord;
}

function findShortestChord({ data, batch, count, dim }: Rows): number {
  const norms = rowNorms({ data, dim }, 0);
  const unit = Float64Array.from(data, (value, n) => value / (norms[Math.floor(n / dim)]! || 1));
  let closest = 0;
  for (let c = 0; c < batch; c++) {
    for (let i = c * count; i < (c + 1) * count; i++) {
      for (let j = i + 1; j < (c + 1) * count; j++) {
        let cosine = 0;
        for (let k = 0; k < dim; k++) cosine += unit[i * dim + k]! * unit[j * dim + k]!;
        closest = Math.max(closest, Math.abs(cosine));
      }
    }
  }
  return Math.sqrt(2 - 2 * Math.min(closest, 1));
}
