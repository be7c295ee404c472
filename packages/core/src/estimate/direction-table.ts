/** Directions of the rows that have one, kept compactly, and what a pair of them contributes. */
import type { FloatArray, PairSpec } from "../backend/backend.js";
import { dependsOnAntipode, type PotentialTerms } from "../energy/potential.js";
import { coincidenceFunction, pairFunction } from "../energy/separation.js";
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

/** x_i = w_i/√(‖w_i‖² + ε), in the type of the weights. */
export function directionTable(data: FloatArray, count: number, dim: number, normEpsilon: number): DirectionTable {
  const alive: number[] = [];
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < dim; k++) {
      if (data[i * dim + k] !== 0) {
        alive.push(i);
        break;
      }
    }
  }
  const size = alive.length * dim;
  const unit = data instanceof Float64Array ? new Float64Array(size) : new Float32Array(size);
  const lengths = new Float64Array(alive.length);
  const deficits = new Float64Array(alive.length);
  alive.forEach((row, i) => {
    const start = row * dim;
    let largest = Math.sqrt(normEpsilon);
    for (let k = 0; k < dim; k++) largest = Math.max(largest, Math.abs(data[start + k]!));
    let square = 0;
    for (let k = 0; k < dim; k++) square += (data[start + k]! / largest) ** 2;
    const extra = normEpsilon / largest / largest;
    const norm = Math.sqrt(square + extra);
    for (let k = 0; k < dim; k++) unit[i * dim + k] = data[start + k]! / largest / norm;
    lengths[i] = Math.sqrt(square / (square + extra));
    deficits[i] = extra / (square + extra);
  });
  return { unit, count: alive.length, dim, rows: Int32Array.from(alive), lengths, deficits };
}

/** One pair, evaluated. */
export interface PairValue {
  /** ψ */
  value: number;
  /** x_iᵀx_j */
  cosine: number;
  /** θ between the directions themselves, whatever ε. */
  angle: number;
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
    let c = 0;
    for (let k = 0; k < dim; k++) c += unit[a + k]! * unit[b + k]!;
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
    out.angle = exact
      ? 2 * Math.atan2(Math.sqrt(u), Math.sqrt(v))
      : Math.acos(Math.max(-1, Math.min(1, c / (lengths[i]! * lengths[j]!))));
    return out;
  };
}
