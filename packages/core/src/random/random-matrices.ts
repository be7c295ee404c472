/** The dense distributions of `random` projections: C matrices k×d from one stream, as float32 values. */
import type { HostArray } from "../backend/arrays.js";
import type { RandomDistribution } from "../config/projection-types.js";
import { EnergyError } from "../errors/energy-error.js";
import type { RandomDraw } from "./random-draw.js";
import { type RandomStream, streamAt } from "./random-stream.js";

/** The others are sketches (`sketch.ts`). */
export type DenseDistribution = Exclude<RandomDistribution, "hadamard" | "count-sketch">;

/**
 * - `gaussian`: independent N(0, 1) entries (Lin et al. 2020, random projection; the authors' code).
 * - `orthogonal`: k orthonormal rows, Haar distributed; needs k ≤ d.
 * - `rademacher`: independent ±1.
 * - `sparse`: two thirds zeros (Achlioptas 2003).
 *
 * The scale doesn't matter where rows are normalized afterwards (ε = 0).
 * @returns `[count, dimension, dim]`
 */
export function randomMatrices(
  distribution: DenseDistribution,
  shape: readonly [count: number, dimension: number, dim: number],
  stream: RandomStream,
): HostArray {
  const [count, dimension, dim] = shape;
  const length = count * dimension * dim;
  if (distribution === "gaussian") return drawnLater("gaussian", shape, stream, length);
  if (distribution === "rademacher") return drawnLater("rademacher", shape, stream, Math.ceil(length / 32));
  const data = new Float32Array(length);
  if (distribution === "sparse") return { data: fillSparse(data, stream), shape };
  stream.fillNormal(data);
  if (distribution === "orthogonal") {
    if (dimension > dim) {
      throw new EnergyError(
        "invalid-config",
        `projection.dimension: expected at most ${dim}, the dimension of the neurons, since only so many rows can be ` +
          `orthogonal; got ${dimension}. Lower it, or use distribution "gaussian".`,
        { path: "projection.dimension" },
      );
    }
    const size = dimension * dim;
    for (let c = 0; c < count; c++) orthonormalizeRows(data.subarray(c * size, (c + 1) * size), dimension, dim);
  }
  return { data, shape };
}

/** Drawn on the host only where somebody looks at the numbers. */
function drawnLater(
  distribution: RandomDraw["distribution"],
  shape: RandomDraw["shape"],
  stream: RandomStream,
  words: number,
): HostArray {
  const from = stream.position();
  stream.skip(words);
  let data: Float32Array | undefined;
  return {
    shape,
    draw: { distribution, shape, from },
    get data() {
      if (data) return data;
      const [count, dimension, dim] = shape;
      const again = streamAt(from);
      const empty = new Float32Array(count * dimension * dim);
      data = distribution === "gaussian" ? again.fillNormal(empty) : again.fillSigns(empty);
      return data;
    },
  };
}

/** √3·{+1, 0, −1} with probabilities 1/6, 2/3, 1/6. Achlioptas 2003, theorem 1.1. */
function fillSparse(out: Float32Array, stream: RandomStream): Float32Array {
  const entries = [Math.sqrt(3), -Math.sqrt(3), 0, 0, 0, 0];
  for (let n = 0; n < out.length; n++) out[n] = entries[stream.below(6)]!;
  return out;
}

/**
 * Gram–Schmidt in float64, each row cleared twice of its predecessors ("twice is enough"). Of Gaussian rows this is the
 * QR decomposition with a positive diagonal, hence Haar distributed (Mezzadri 2007).
 */
function orthonormalizeRows(matrix: Float32Array, rows: number, dim: number): void {
  const basis = new Float64Array(matrix);
  for (let i = 0; i < rows; i++) {
    const row = basis.subarray(i * dim, (i + 1) * dim);
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        const earlier = basis.subarray(j * dim, (j + 1) * dim);
        const along = inner(row, earlier);
        for (let k = 0; k < dim; k++) row[k]! -= along * earlier[k]!;
      }
    }
    const norm = Math.sqrt(inner(row, row));
    for (let k = 0; k < dim; k++) row[k]! /= norm;
  }
  matrix.set(basis);
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}
