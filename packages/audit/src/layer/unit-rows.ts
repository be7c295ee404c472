/**
 * The rules by which the audit counts a neuron as dead or faint, and small helpers for them.
 *
 * A neuron is dead if its norm is at most a millionth of the layer's typical norm, the root mean square of all norms. Such a neuron
 * contributes nothing, whatever its direction. Weight decay leaves it at 1e-30 and less, not at 0. The root mean square is used because it
 * hardly changes if half of the rows are dead, or even all but one; the threshold is relative because an energy has no scale.
 *
 * A neuron is faint if it isn't dead, but its norm is at most a thousandth of the median norm of those that aren't. Its direction is
 * mostly noise, from rounding or from training, and faint rows often point in the same direction. The median is used because one huge row must not make all others
 * faint. All other neurons are living, and everything that an audit says about pairs is about these.
 *
 * @packageDocumentation
 */
import type { FloatArray } from "@comhe/core";

/**
 * A neuron is dead if its norm is at most this share of the layer's typical norm, the root mean square of all: beside numbers a million times as large,
 * float32 keeps one digit.
 */
export const deadShare = 1e-6;

/** A neuron that isn't dead is faint if its norm is at most this share of the median norm of those that aren't. */
export const faintShare = 1e-3;

/** Directions of a layer's neurons, and which of them live. */
export interface UnitRows {
  /** The rows made 1 long, `[N, d]`, in the type of the weights; rows that are all zeros stay so. */
  readonly unit: FloatArray;
  /** For each row 1 if it lives, that is if it is neither dead nor faint, else 0; `[N]`. */
  readonly live: Uint8Array;
  /** How many neurons live. */
  readonly living: number;
  /** How many neurons are dead, those that are all zeros included. */
  readonly dead: number;
  /** How many neurons are faint. */
  readonly faint: number;
  /** How many dead neurons aren't all zeros, so that energies count their directions. */
  readonly fading: number;
  /** The norm of each row, `[N]`; at most the largest number there is. */
  readonly norms: Float64Array;
  /** The largest norm of a dead neuron. */
  readonly least: number;
  /** The largest norm of a faint neuron. */
  readonly clear: number;
}

/**
 * Directions of the rows of a matrix `[N, d]`, and which of them live. `rows` is only read, and may have any finite norms.
 *
 * @param count N
 * @param dim d
 * @param limits those of all rows, where these are some of them
 */
export function unitRows(rows: FloatArray, count: number, dim: number, limits?: NormLimits): UnitRows {
  const unit = rows.slice();
  const norms = new Float64Array(count);
  const normalize = rows instanceof Float32Array ? normalizeRow : normalizeScaledRow;
  for (let i = 0; i < count; i++) norms[i] = normalize(unit, i * dim, (i + 1) * dim);
  return { unit, ...sortRows(norms, limits) };
}

/** In place; returns the length it had. The square of a float32 number is always within float64. */
function normalizeRow(rows: FloatArray, start: number, end: number): number {
  // In two sums, so that one addition doesn't wait for the one before.
  let [even, odd] = [0, 0];
  let k = start;
  for (; k + 1 < end; k += 2) {
    even += rows[k]! * rows[k]!;
    odd += rows[k + 1]! * rows[k + 1]!;
  }
  if (k < end) even += rows[k]! * rows[k]!;
  const norm = Math.sqrt(even + odd);
  if (norm > 0) for (k = start; k < end; k++) rows[k] = rows[k]! / norm;
  return norm;
}

/** The same of numbers whose squares may be beyond what float64 holds; at most the largest number there is. */
function normalizeScaledRow(rows: FloatArray, start: number, end: number): number {
  let largest = 0;
  for (let k = start; k < end; k++) largest = Math.max(largest, Math.abs(rows[k]!));
  if (largest === 0) return 0;
  let square = 0;
  for (let k = start; k < end; k++) square += (rows[k]! / largest) ** 2;
  const norm = Math.sqrt(square);
  for (let k = start; k < end; k++) rows[k] = rows[k]! / largest / norm;
  return Math.min(largest * norm, Number.MAX_VALUE);
}

/** Norms up to which a row is dead, and up to which it is faint. */
export type NormLimits = Pick<UnitRows, "least" | "clear">;

/** What the rows' norms say of them. */
export type RowKinds = Omit<UnitRows, "unit">;

/**
 * Which rows live, by their norms.
 *
 * @param limits those of all rows, where these are some of them
 */
export function sortRows(norms: Float64Array, limits: NormLimits = normLimits(norms)): RowKinds {
  const { least, clear } = limits;
  const live = Uint8Array.from(norms, (norm) => (norm > least && norm > clear ? 1 : 0));
  const living = live.reduce((sum, value) => sum + value, 0);
  const dead = norms.reduce((sum, norm) => sum + (norm <= least ? 1 : 0), 0);
  const fading = norms.reduce((sum, norm) => sum + (norm > 0 && norm <= least ? 1 : 0), 0);
  return { live, living, dead, faint: norms.length - dead - living, fading, norms, least, clear };
}

function normLimits(norms: Float64Array): NormLimits {
  const most = norms.reduce((largest, norm) => Math.max(largest, norm), 0);
  // Of the largest: squares of norms would overflow.
  let mean = 0;
  for (const norm of norms) if (most > 0) mean += (norm / most) ** 2 / norms.length;
  const least = deadShare * Math.sqrt(mean) * most;
  const others = norms.filter((norm) => norm > least).sort();
  return { least, clear: faintShare * (others[others.length >> 1] ?? 0) };
}

/** The neurons that live, alone: those rows of `[N, d]`, as a new array. */
export function livingRows(rows: FloatArray, dim: number, { live, living }: UnitRows): FloatArray {
  const kept = rows instanceof Float64Array ? new Float64Array(living * dim) : new Float32Array(living * dim);
  let to = 0;
  live.forEach((value, row) => {
    if (value === 0) return;
    kept.set(rows.subarray(row * dim, (row + 1) * dim), to);
    to += dim;
  });
  return kept;
}

/** Which row of the layer each living neuron is. */
export function livingPlaces({ live, living }: UnitRows): Int32Array {
  const places = new Int32Array(living);
  let at = 0;
  live.forEach((value, row) => {
    if (value === 1) places[at++] = row;
  });
  return places;
}

/** Norms below this are raised to about this: far enough from 1 to weigh nothing beside other rows, where a projection mixes rows. */
const leastNorm = 2 ** -60;

/**
 * Rows so small that a gradient, 1/‖w‖, would overflow float32, larger by a power of two: the same directions to the last bit. The
 * rows themselves where there are none.
 */
export function raiseSmallRows(rows: FloatArray, count: number, dim: number): FloatArray {
  let raised = rows;
  for (let i = 0; i < count; i++) {
    let largest = 0;
    // Most rows are known by their first number not to be so small.
    for (let k = i * dim; k < (i + 1) * dim && largest < leastNorm; k++)
      largest = Math.max(largest, Math.abs(rows[k]!));
    if (largest === 0 || largest >= leastNorm) continue;
    if (raised === rows) raised = rows.slice();
    // In two steps: the factor alone may be more than float64 holds.
    const steps = Math.ceil(Math.log2(leastNorm) - Math.log2(largest));
    const [first, second] = [2 ** Math.floor(steps / 2), 2 ** Math.ceil(steps / 2)];
    for (let k = i * dim; k < (i + 1) * dim; k++) raised[k] = rows[k]! * first * second;
  }
  return raised;
}
