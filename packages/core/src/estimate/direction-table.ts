/** Directions of the rows that have one, kept compactly, and what a pair of them contributes. */
import type { FloatArray, PairSpec } from "../backend/backend.js";
import { coincidenceFunction, dependsOnAntipode, pairFunction } from "../energy/pair-function.js";
import type { PotentialTerms } from "../energy/terms.js";
import { coincidence } from "../reference/coincidence.js";

/** Below this squared chord u is taken from differences, as in every backend. */
const nearChordSquared = 1e-2;

export interface DirectionTable {
  readonly unit: FloatArray;
  readonly count: number;
  readonly dim: number;
  /** Which row of the weights each one is. */
  readonly rows: Int32Array;
  /** ‖x_i‖, 1 but for ε > 0. */
  readonly lengths: Float64Array;
  /** 1 − ‖x_i‖² without cancellation. */
  readonly deficits: Float64Array;
}

/** Sums of squares between these neither overflow nor lose digits to subnormal numbers. */
const [leastSquare, mostSquare] = [1e-200, 1e200];

/** x_i = w_i/√(‖w_i‖² + ε), in the type of the weights. */
export function directionTable(data: FloatArray, count: number, dim: number, normEpsilon: number): DirectionTable {
  let unit = data instanceof Float64Array ? new Float64Array(count * dim) : new Float32Array(count * dim);
  let rows = new Int32Array(count);
  let lengths = new Float64Array(count);
  let deficits = new Float64Array(count);
  let alive = 0;
  for (let row = 0; row < count; row++) {
    const start = row * dim;
    let scale = 1;
    let square = squareOf(data, start, dim, 1);
    if (!(square > leastSquare && square < mostSquare)) {
      let largest = Math.sqrt(normEpsilon);
      let size = 0;
      for (let k = 0; k < dim; k++) size = Math.max(size, Math.abs(data[start + k]!));
      if (size === 0) continue;
      largest = Math.max(largest, size);
      scale = largest;
      square = squareOf(data, start, dim, scale);
    }
    const extra = normEpsilon / scale / scale;
    const norm = Math.sqrt(square + extra);
    const to = alive * dim;
    if (scale === 1) {
      const inverse = 1 / norm;
      for (let k = 0; k < dim; k++) unit[to + k] = data[start + k]! * inverse;
    } else {
      for (let k = 0; k < dim; k++) unit[to + k] = data[start + k]! / scale / norm;
    }
    lengths[alive] = Math.sqrt(square / (square + extra));
    deficits[alive] = extra / (square + extra);
    rows[alive++] = row;
  }
  if (alive < count) {
    unit = unit.slice(0, alive * dim);
    rows = rows.slice(0, alive);
    lengths = lengths.slice(0, alive);
    deficits = deficits.slice(0, alive);
  }
  return { unit, count: alive, dim, rows, lengths, deficits };
}

/** ‖w/scale‖². Four sums, so that one addition doesn't wait for the one before. */
function squareOf(data: FloatArray, start: number, dim: number, scale: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const end = start + dim;
  let at = start;
  if (scale !== 1) {
    for (; at < end; at++) a += (data[at]! / scale) ** 2;
    return a;
  }
  for (; at + 4 <= end; at += 4) {
    a += data[at]! * data[at]!;
    b += data[at + 1]! * data[at + 1]!;
    c += data[at + 2]! * data[at + 2]!;
    d += data[at + 3]! * data[at + 3]!;
  }
  for (; at < end; at++) a += data[at]! * data[at]!;
  return a + b + (c + d);
}

function dot(unit: FloatArray, a: number, b: number, dim: number): number {
  let [p, q, r, s] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 4 <= dim; k += 4) {
    p += unit[a + k]! * unit[b + k]!;
    q += unit[a + k + 1]! * unit[b + k + 1]!;
    r += unit[a + k + 2]! * unit[b + k + 2]!;
    s += unit[a + k + 3]! * unit[b + k + 3]!;
  }
  for (; k < dim; k++) p += unit[a + k]! * unit[b + k]!;
  return p + q + (r + s);
}

/** One pair, evaluated. */
export interface PairValue {
  /** ψ */
  value: number;
  /** x_iᵀx_j */
  cosine: number;
  /** Squared chords to x_j and to −x_j between the directions themselves, whatever ε. */
  near: number;
  far: number;
}

/** Evaluates the pair (i, j) of a table into `out`. @throws EnergyError `coincident-neurons` at floor 0 */
export type EvaluatePair = (i: number, j: number, out: PairValue) => PairValue;

export function pairEvaluator(table: DirectionTable, pair: PairSpec): EvaluatePair {
  const { unit, dim, lengths, deficits, rows } = table;
  const psi = pairFunction(pair);
  const twoSided = pair.space === "half" || dependsOnAntipode(pair.potential);
  const coincides = pair.separationFloor === 0 ? coincidenceFunction(pair) : undefined;
  const terms: PotentialTerms = { value: 0, slope: 0, curvature: 0 };
  const exact = deficits.every((deficit) => deficit === 0);
  return (i, j, out) => {
    const [a, b] = [i * dim, j * dim];
    const c = dot(unit, a, b, dim);
    let u = 2 - 2 * c;
    let v = 2 + 2 * c;
    if (exact && u < nearChordSquared) {
      u = 0;
      for (let k = 0; k < dim; k++) u += (unit[a + k]! - unit[b + k]!) ** 2;
    } else if (exact && v < nearChordSquared) {
      v = 0;
      for (let k = 0; k < dim; k++) v += (unit[a + k]! + unit[b + k]!) ** 2;
    }
    if (coincides?.(u, v)) throw coincidence(rows[i]!, rows[j]!, u < v || !twoSided);
    out.value = psi(u, v, terms).value;
    out.cosine = c;
    if (exact) {
      out.near = u;
      out.far = v;
    } else {
      const cosine = Math.max(-1, Math.min(1, c / (lengths[i]! * lengths[j]!)));
      out.near = 2 - 2 * cosine;
      out.far = 2 + 2 * cosine;
    }
    return out;
  };
}

/** θ between two directions, from their squared chords. */
export function angleOf({ near, far }: PairValue): number {
  return 2 * Math.atan2(Math.sqrt(near), Math.sqrt(Math.max(0, far)));
}
