/**
 * The low-rank form of the bilateral projection: a matrix is held by what two random projections leave of it. Lin et al.
 * 2020 (arXiv 1906.04892), "Bilateral projection", after the bilateral random projections of Zhou & Tao 2011 (GoDec).
 *
 * The paper's neurons are columns, ours are rows: its d×N matrix is our Wᵀ. With P₁ r×d and P₂ N×r,
 *
 *     Y₁ = P₁Wᵀ   r×N, its columns the N neurons projected to ℝʳ
 *     Y₂ = WᵀP₂   d×r, its columns r mixtures of neurons
 *     W̃ᵀ = Y₂ (P₁Y₂)⁻¹ Y₁,   P₁Y₂ r×r
 *
 * W̃ has rank r at most, and is W itself where W has no larger rank. Where its rank is smaller than r, P₁Y₂ is singular
 * though nothing is lost: the inverse is then the pseudoinverse, which is right as long as P₁Y₂ has the rank of Y₁ and Y₂.
 */
import { Matrix, SVD } from "ml-matrix";
import type { FloatArray } from "../backend/backend.js";
import { defineEnergy } from "../config/define-energy.js";
import type { EnergyConfig, MatrixBatch } from "../config/types.js";
import { EnergyError } from "../errors/energy-error.js";
import { checkWeights } from "../evaluate/check-weights.js";
import type { SeedOptions } from "../evaluate/program.js";
import type { Kernel } from "../layout/layout.js";
import { batchOf } from "../projection/kept-matrices.js";
import type { HostArray } from "../projection/projection.js";
import { randomMatrices } from "../random/random-matrices.js";
import { randomStream } from "../random/random-stream.js";
import { directions } from "../reference/normalize.js";
import { pairwise } from "../reference/pairwise.js";

/** Options of {@link bilateralFactors}. Drawn matrices are those of the projection `bilateral` at step 0 of the same seed and name. */
export interface BilateralFactorsOptions extends SeedOptions {
  /** The matrix P₁, `[r, d]`. Default: Gaussian, drawn by the seed. */
  readonly right?: MatrixBatch | undefined;
  /** The matrix P₂, `[N, r]`. Default: Gaussian, drawn by the seed. */
  readonly left?: MatrixBatch | undefined;
  /** Which energy of the two factors' columns is computed. Default: that of `defineEnergy()`, Riesz s = 2 in full space. */
  readonly energy?: Pick<EnergyConfig, "potential" | "space" | "separationFloor" | "normEpsilon"> | undefined;
}

/**
 * W in low-rank form, W̃ᵀ = Y₂ (P₁Y₂)⁻¹ Y₁. Lin et al. 2020 (CoMHE), bilateral projection, after Zhou & Tao 2011 (GoDec). Arrays have
 * the type of the weights.
 */
export interface BilateralFactors {
  /** The factor Y₁ = P₁Wᵀ, `[r, N]`. */
  readonly y1: HostArray;
  /** The factor Y₂ = WᵀP₂, `[d, r]`. */
  readonly y2: HostArray;
  /** The matrix P₁Y₂ between the factors, `[r, r]`. */
  readonly core: HostArray;
  /** The numerical rank of P₁Y₂: less than r where W has a smaller rank. */
  readonly coreRank: number;
  /** The low-rank form W̃ with neurons as rows, `[N, d]`. */
  readonly approximation: HostArray;
  /** The relative error ‖W − W̃‖_F/‖W‖_F of the low-rank form; 0 for W = 0. */
  readonly relativeError: number;
  /** Energies of the factors' columns. The energy under the projection `bilateral` is their mean. */
  readonly energies: {
    /** The energy of the columns of Y₁, N points in ℝʳ. */
    readonly y1: number;
    /** The energy of the columns of Y₂, r points in ℝᵈ. */
    readonly y2: number;
  };
}

/**
 * The factors of W under a pair of random projections to rank r. 2·N·d·r flops for each factor; O(r³) for the core.
 *
 * @param weights W, `[N, d]`, or a kernel with its layout
 * @param rank r, from 1 to the smaller of N and d
 * @throws EnergyError `invalid-config` for a rank or matrices that don't fit, and where P₁Y₂ is singular though W isn't of
 *   lower rank; `invalid-shape`, `non-finite` for wrong weights
 */
export function bilateralFactors(
  weights: Kernel,
  rank: number,
  options: BilateralFactorsOptions = {},
): BilateralFactors {
  const { data, count, dim } = checkWeights(weights);
  if (!Number.isInteger(rank) || rank < 1 || rank > Math.min(count, dim)) {
    throw invalid(
      "rank",
      `expected a whole number from 1 to ${Math.min(count, dim)}, the smaller side of ${count}×${dim} weights, got ${rank}`,
    );
  }
  const w = Matrix.from1DArray(count, dim, data);
  const { right, left } = projections(options, rank, count, dim);
  const y1 = right.mmul(w.transpose());
  const y2 = w.transpose().mmul(left);
  const core = right.mmul(y2);

  // float32 weights have no more than float32's digits, whatever the arithmetic.
  const precision = data instanceof Float32Array ? 2 ** -23 : 2 ** -52;
  const tolerance = Math.max(count, dim) * precision;
  const { inverse, rank: coreRank } = pseudoInverse(core, tolerance);
  if (coreRank < rank && coreRank < Math.min(numericalRank(y1, tolerance), numericalRank(y2, tolerance))) {
    throw new EnergyError(
      "invalid-config",
      `bilateralFactors: these two projections lose part of the weights: their common part P₁WᵀP₂ has rank ${coreRank}, expected ` +
        `${rank}. Use another seed, or other matrices.`,
      { coreRank, rank },
    );
  }
  const approximation = y2.mmul(inverse).mmul(y1).transpose();
  const norm = w.norm("frobenius");
  return {
    y1: hostArray(y1, data),
    y2: hostArray(y2, data),
    core: hostArray(core, data),
    coreRank,
    approximation: hostArray(approximation, data),
    relativeError: norm === 0 ? 0 : Matrix.sub(w, approximation).norm("frobenius") / norm,
    energies: { y1: columnEnergy(y1, options.energy), y2: columnEnergy(y2, options.energy) },
  };
}

function projections(
  { seed = 0, name = "", right, left }: BilateralFactorsOptions,
  rank: number,
  count: number,
  dim: number,
): { readonly right: Matrix; readonly left: Matrix } {
  const stream = randomStream(seed, name, 0);
  const drawn = (shape: readonly [number, number, number]) => randomMatrices("gaussian", shape, stream);
  // In the order in which the projection draws them.
  const p1 = right ? batchOf(right) : drawn([1, rank, dim]);
  const p2 = left ? batchOf(left) : drawn([1, count, rank]);
  return { right: matrixOf(p1, "right", [1, rank, dim]), left: matrixOf(p2, "left", [1, count, rank]) };
}

function matrixOf({ data, shape }: HostArray, name: string, expected: readonly [number, number, number]): Matrix {
  const [, rows, columns] = expected;
  const fits = shape.length === 3 && shape.every((size, axis) => size === expected[axis]);
  if (!fits || data.length !== rows * columns || !data.every(Number.isFinite)) {
    throw invalid(
      name,
      `expected ${rows}×${columns} finite numbers, got ${data.length} of shape [${shape.join(", ")}]`,
    );
  }
  return Matrix.from1DArray(rows, columns, data);
}

/** A⁺ = V Σ⁺ Uᵀ, singular values below `tolerance` times the largest counting as 0. */
function pseudoInverse(matrix: Matrix, tolerance: number): { readonly inverse: Matrix; readonly rank: number } {
  const { leftSingularVectors: u, rightSingularVectors: v, diagonal } = new SVD(matrix);
  const rank = rankOf(diagonal, tolerance);
  const reciprocals = diagonal.map((value, n) => (n < rank ? 1 / value : 0));
  return { inverse: v.mmul(Matrix.diag(reciprocals)).mmul(u.transpose()), rank };
}

function numericalRank(matrix: Matrix, tolerance: number): number {
  const options = { computeLeftSingularVectors: false, computeRightSingularVectors: false, autoTranspose: true };
  return rankOf(new SVD(matrix, options).diagonal, tolerance);
}

/** Singular values come in falling order. */
function rankOf(singularValues: readonly number[], tolerance: number): number {
  const least = tolerance * (singularValues[0] ?? 0);
  return singularValues.filter((value) => value > least).length;
}

function columnEnergy(matrix: Matrix, config: BilateralFactorsOptions["energy"] = {}): number {
  const { potential, space, separationFloor, normEpsilon } = defineEnergy(config);
  const points = matrix.transpose();
  const rows = { data: Float64Array.from(points.to1DArray()), shape: [1, points.rows, points.columns] };
  return pairwise(directions(rows, normEpsilon), { potential, space, separationFloor }).energy.data[0]!;
}

function hostArray(matrix: Matrix, like: FloatArray): HostArray {
  const values = matrix.to1DArray();
  const data = like instanceof Float32Array ? Float32Array.from(values) : Float64Array.from(values);
  return { data, shape: [matrix.rows, matrix.columns] };
}

function invalid(path: string, problem: string): EnergyError {
  return new EnergyError("invalid-config", `bilateralFactors: ${path}: ${problem}.`, { path });
}
