/**
 * Structured random projections ("sketches"), which cost O(d log d) or O(d) a row instead of O(k·d):
 *
 * - `hadamard`: subsampled randomized Hadamard transform, y = (H·(s∘w))[sample], d padded to a power of two p (Ailon &
 *   Chazelle 2009; Tropp 2011). Matrices share a transform as long as their samples, drawn without replacement, fit into it.
 * - `count-sketch`: every coordinate is added, with a random sign, to one of k buckets (Charikar et al. 2002).
 *
 * Both have entries ±1 (or 0), so ‖y‖² is k‖w‖² and ‖w‖² in the mean.
 */
import type { FloatArray, HostArray } from "../backend/arrays.js";
import { EnergyError } from "../errors/energy-error.js";
import type { RandomStream } from "./random-stream.js";

/** C structured random projections from d to k dimensions, which need no matrix in memory. */
export interface Sketch {
  /** Which structure: a subsampled randomized Hadamard transform, or sums of coordinates with random signs. */
  readonly kind: "hadamard" | "count-sketch";
  /** C: the number of projections. */
  readonly count: number;
  /** k: the dimension that rows are projected to. */
  readonly dimension: number;
  /** d: the length of the rows. */
  readonly dim: number;
  /** Random signs, ±1: `[transforms, p]` for `hadamard`, with p the power of two that d is padded to; `[C, d]` for `count-sketch`. */
  readonly signs: Float32Array;
  /** `hadamard`: which entries of the transform are taken, `[C, k]`; `count-sketch`: the sum that each coordinate is added to, `[C, d]`. */
  readonly index: Int32Array;
}

/** @throws EnergyError `invalid-config` where k is more than a transform has entries */
export function drawSketch(
  kind: Sketch["kind"],
  [count, dimension, dim]: readonly [count: number, dimension: number, dim: number],
  stream: RandomStream,
): Sketch {
  if (kind === "count-sketch") {
    const signs = stream.fillSigns(new Float32Array(count * dim));
    const index = Int32Array.from({ length: count * dim }, () => stream.below(dimension));
    return { kind, count, dimension, dim, signs, index };
  }
  const padded = paddedSize(dim);
  if (dimension > padded) {
    throw new EnergyError(
      "invalid-config",
      `projection.dimension: expected at most ${padded}, the size of the Hadamard transform of neurons of dimension ` +
        `${dim}; got ${dimension}. Lower it, or use another distribution.`,
      { path: "projection.dimension" },
    );
  }
  const shared = Math.floor(padded / dimension);
  const transforms = Math.ceil(count / shared);
  const signs = stream.fillSigns(new Float32Array(transforms * padded));
  const index = new Int32Array(count * dimension);
  for (let t = 0; t < transforms; t++) {
    const first = t * shared * dimension;
    index.set(sampleWithoutReplacement(padded, Math.min(shared * dimension, index.length - first), stream), first);
  }
  return { kind, count, dimension, dim, signs, index };
}

/** Y_c = W P_cᵀ under a structured projection, for rows `[N, d]`: a new array `[C, N, k]`, in the rows' type. */
export function applySketch(sketch: Sketch, rows: FloatArray): FloatArray {
  const { count, dimension, dim } = sketch;
  const neurons = rows.length / dim;
  const result = emptyLike(rows, count * neurons * dimension);
  if (sketch.kind === "count-sketch") {
    for (let c = 0; c < count; c++) {
      for (let i = 0; i < neurons; i++) {
        const out = (c * neurons + i) * dimension;
        for (let k = 0; k < dim; k++) {
          const at = c * dim + k;
          result[out + sketch.index[at]!]! += sketch.signs[at]! * rows[i * dim + k]!;
        }
      }
    }
    return result;
  }
  const { padded, shared, transforms } = transformsOf(sketch);
  const work = new Float64Array(padded);
  for (let i = 0; i < neurons; i++) {
    for (let t = 0; t < transforms; t++) {
      work.fill(0);
      for (let k = 0; k < dim; k++) work[k] = sketch.signs[t * padded + k]! * rows[i * dim + k]!;
      walshHadamard(work);
      for (let c = t * shared; c < Math.min(count, (t + 1) * shared); c++) {
        const out = (c * neurons + i) * dimension;
        for (let r = 0; r < dimension; r++) result[out + r] = work[sketch.index[c * dimension + r]!]!;
      }
    }
  }
  return result;
}

/** The adjoint of {@link applySketch}, summed over the batch: Σ_c Y_c P_c for `[C, N, k]`: a new array `[N, d]`. */
export function applySketchBack(sketch: Sketch, projected: FloatArray): FloatArray {
  const { count, dimension, dim } = sketch;
  const neurons = projected.length / (count * dimension);
  const result = emptyLike(projected, neurons * dim);
  if (sketch.kind === "count-sketch") {
    for (let c = 0; c < count; c++) {
      for (let i = 0; i < neurons; i++) {
        const from = (c * neurons + i) * dimension;
        for (let k = 0; k < dim; k++) {
          const at = c * dim + k;
          result[i * dim + k]! += sketch.signs[at]! * projected[from + sketch.index[at]!]!;
        }
      }
    }
    return result;
  }
  const { padded, shared, transforms } = transformsOf(sketch);
  const work = new Float64Array(padded);
  for (let i = 0; i < neurons; i++) {
    for (let t = 0; t < transforms; t++) {
      work.fill(0);
      for (let c = t * shared; c < Math.min(count, (t + 1) * shared); c++) {
        const from = (c * neurons + i) * dimension;
        for (let r = 0; r < dimension; r++) work[sketch.index[c * dimension + r]!]! += projected[from + r]!;
      }
      walshHadamard(work);
      for (let k = 0; k < dim; k++) result[i * dim + k]! += sketch.signs[t * padded + k]! * work[k]!;
    }
  }
  return result;
}

const dense = new WeakMap<Sketch, HostArray>();

/** A structured projection as dense matrices `[C, k, d]`, for backends without sketches. They are made once for each sketch. */
export function denseMatrices(sketch: Sketch): HostArray {
  const known = dense.get(sketch);
  if (known) return known;
  const { count, dimension, dim, kind, signs, index } = sketch;
  const data = new Float32Array(count * dimension * dim);
  const { padded, shared } = transformsOf(sketch);
  for (let c = 0; c < count; c++) {
    for (let k = 0; k < dim; k++) {
      if (kind === "count-sketch") {
        data[(c * dimension + index[c * dim + k]!) * dim + k] = signs[c * dim + k]!;
        continue;
      }
      const sign = signs[Math.floor(c / shared) * padded + k]!;
      for (let r = 0; r < dimension; r++) {
        data[(c * dimension + r) * dim + k] = sign * hadamardEntry(index[c * dimension + r]!, k);
      }
    }
  }
  const made: HostArray = { data, shape: [count, dimension, dim] };
  dense.set(sketch, made);
  return made;
}

function transformsOf({ count, dimension, dim }: Sketch): { padded: number; shared: number; transforms: number } {
  const padded = paddedSize(dim);
  const shared = Math.max(1, Math.floor(padded / dimension));
  return { padded, shared, transforms: Math.ceil(count / shared) };
}

function paddedSize(dim: number): number {
  return 2 ** Math.ceil(Math.log2(dim));
}

/** In place, unnormalized: x ← H x with H entries ±1. */
function walshHadamard(x: Float64Array): void {
  for (let half = 1; half < x.length; half *= 2) {
    for (let start = 0; start < x.length; start += 2 * half) {
      for (let k = start; k < start + half; k++) {
        const a = x[k]!;
        const b = x[k + half]!;
        x[k] = a + b;
        x[k + half] = a - b;
      }
    }
  }
}

/** H_rk = (−1)^(number of bits r and k share). */
function hadamardEntry(row: number, column: number): number {
  let shared = row & column;
  let sign = 1;
  while (shared !== 0) {
    shared &= shared - 1;
    sign = -sign;
  }
  return sign;
}

function sampleWithoutReplacement(size: number, wanted: number, stream: RandomStream): Int32Array {
  const all = Int32Array.from({ length: size }, (_, entry) => entry);
  for (let n = 0; n < wanted; n++) {
    const other = n + stream.below(size - n);
    [all[n], all[other]] = [all[other]!, all[n]!];
  }
  return all.subarray(0, wanted);
}

function emptyLike(array: FloatArray, length: number): FloatArray {
  return array instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
}
