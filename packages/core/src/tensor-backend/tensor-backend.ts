/** A whole backend, lowered from tensor primitives. */
import type { Backend, MatmulOptions } from "../backend/backend.js";
import { gatherColumns, scatterColumns } from "./columns.js";
import type { TensorPrimitives } from "./primitives.js";
import { directions, type TensorDirections } from "./tensor-directions.js";
import { mismatch, mismatchProduct } from "./tensor-mismatch.js";
import { tensorObjective } from "./tensor-objective.js";
import { pairwise, pairwiseEnergy, pairwiseProduct } from "./tensor-pairwise.js";

/** Options of {@link tensorBackend}. */
export interface TensorBackendOptions {
  /** The backend's name, for messages and tables. */
  readonly name: string;
  /** How many bytes the arrays of a tile of pairs may take at any one time. Default 64 MiB. */
  readonly tileBytes?: number | undefined;
}

/**
 * Makes a whole backend of tensor primitives. It computes in float32. `separationFloor: 0` is refused, since tensors can't be looked at while they
 * are computed, and a coincidence would go unseen. Of the objectives of other papers it has those that {@link hasTensorObjective} names.
 */
export function tensorBackend<T>(p: TensorPrimitives<T>, options: TensorBackendOptions): Backend<T> {
  const { name, tileBytes = 64 * 2 ** 20 } = options;
  return {
    specification: "v1",
    name,
    precision: "float32",
    bareFormula: false,
    upload: p.upload,
    download: p.download,
    scope: p.scope,
    matmul: (a, b, how) => matmul(p, a, b, how),
    combine: (terms) =>
      terms
        .map(([scale, array]) => (scale === 1 ? array : p.mul(array, p.scalar(scale))))
        .reduce((total, term) => p.add(total, term)),
    scaleBatch: (array, weights) => p.mul(array, p.reshape(weights, [p.shape(weights)[0]!, 1, 1])),
    reduce: (energies, how) => reduce(p, energies, how),
    gatherColumns: (array, index, columns) => gatherColumns(p, array, index, columns),
    scatterColumns: (array, index, dim) => scatterColumns(p, array, index, dim),
    directions: (rows, normEpsilon) => directions(p, rows, normEpsilon),
    pairwise: ((of, pair, options) =>
      options?.gradient === false
        ? pairwiseEnergy(p, of as TensorDirections<T>, pair, tileBytes)
        : pairwise(p, of as TensorDirections<T>, pair, tileBytes)) as Backend<T>["pairwise"],
    pairwiseProduct: (saved, vector) => pairwiseProduct(p, saved, vector, tileBytes),
    mismatch: (reference, projected, spec) =>
      mismatch(p, reference as TensorDirections<T>, projected as TensorDirections<T>, spec, tileBytes),
    mismatchProduct: (saved, vector) => mismatchProduct(p, saved, vector, tileBytes),
    objective: (rows, task) => tensorObjective(p, name, rows, task, tileBytes),
  };
}

function matmul<T>(p: TensorPrimitives<T>, a: T, b: T, options: MatmulOptions = {}): T {
  const { transposeA = false, transposeB = false, sumBatch = false } = options;
  const batches = [p.shape(a)[0]!, p.shape(b)[0]!] as const;
  if (!sumBatch || Math.max(...batches) === 1) return p.matmul(a, b, transposeA, transposeB);
  if (batches[0] !== batches[1]) {
    // One side is shared, so the other is summed first.
    return batches[0] === 1
      ? p.matmul(a, p.sum(b, 0), transposeA, transposeB)
      : p.matmul(p.sum(a, 0), b, transposeA, transposeB);
  }
  // Σ_c A_c B_c is one product with the batch moved into the inner axis.
  return p.matmul(besideEachOther(p, a, transposeA), belowEachOther(p, b, transposeB), false, false);
}

/** `[C, r, k]` → `[1, r, C·k]`. */
function besideEachOther<T>(p: TensorPrimitives<T>, a: T, transposed: boolean): T {
  const moved = p.transpose(a, transposed ? [2, 0, 1] : [1, 0, 2]);
  const [rows, batch, inner] = p.shape(moved) as [number, number, number];
  return p.reshape(moved, [1, rows, batch * inner]);
}

/** `[C, k, n]` → `[1, C·k, n]`. */
function belowEachOther<T>(p: TensorPrimitives<T>, b: T, transposed: boolean): T {
  const moved = transposed ? p.transpose(b, [0, 2, 1]) : b;
  const [batch, inner, columns] = p.shape(moved) as [number, number, number];
  return p.reshape(moved, [1, batch * inner, columns]);
}

function reduce<T>(p: TensorPrimitives<T>, energies: T, how: "mean" | "max"): { energy: T; weights: T } {
  const [count] = p.shape(energies) as [number];
  if (count === 1) return { energy: energies, weights: p.fill([1], 1) };
  if (how === "mean")
    return { energy: p.mul(p.sum(energies, 0), p.scalar(1 / count)), weights: p.fill([count], 1 / count) };
  return { energy: p.max(energies, 0), weights: p.firstMaximum(energies) };
}
