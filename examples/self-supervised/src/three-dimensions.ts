/** Embeddings in the three dimensions that hold most of their spread, for a picture. */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/**
 * Coordinates along the first three principal axes through the origin, each with its sign fixed, so that every machine draws the same picture.
 *
 * @param unit rows × dimension, of length 1
 * @returns rows × 3, within the unit ball
 */
export function inThreeDimensions(unit: Float32Array, dimension: number): Float32Array {
  const rows = unit.length / dimension;
  const x = new Matrix(rows, dimension);
  for (let at = 0; at < unit.length; at++) x.set(Math.floor(at / dimension), at % dimension, unit[at]!);
  const { eigenvectorMatrix } = new EigenvalueDecomposition(x.transpose().mmul(x), { assumeSymmetric: true });
  // Eigenvalues ascend.
  const axes = [1, 2, 3].map((n) => fixSign(eigenvectorMatrix.getColumn(dimension - n)));
  return Float32Array.from({ length: rows * 3 }, (_, at) => {
    const [row, axis] = [Math.floor(at / 3), axes[at % 3]!];
    return axis.reduce((sum, value, k) => sum + value * unit[row * dimension + k]!, 0);
  });
}

function fixSign(axis: number[]): number[] {
  const lead = axis.reduce((best, value) => (Math.abs(value) > Math.abs(best) + 1e-9 ? value : best), 0);
  return axis.map((value) => value * Math.sign(lead));
}
