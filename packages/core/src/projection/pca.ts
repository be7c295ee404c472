/**
 * Projection onto the top k right singular vectors of the directions: the subspace that holds most of them. Not from the
 * paper; it shows what a projection chosen by the weights themselves does.
 */
import type { PcaProjection } from "../config/types.js";
import { EnergyError } from "../errors/energy-error.js";
import { transposed } from "../objective/rows.js";
import { directions } from "../reference/normalize.js";
import { rowProducts } from "../reference/products.js";
import { symmetricEigen } from "../reference/symmetric-eigen.js";
import { finish, finishEnergy } from "./finish.js";
import type { HostArray, Projection } from "./projection.js";
import { refreshIndex } from "./refresh.js";

export function pcaProjection({ kind, dimension, refresh }: PcaProjection): Projection {
  return {
    kind,
    prepare({ count, dim, step, rows, previous, kept }) {
      if (dimension > Math.min(count, dim)) {
        throw new EnergyError(
          "invalid-config",
          `projection.dimension: expected at most ${Math.min(count, dim)}, the number of singular vectors of ${count} ` +
            `neurons in ${dim} dimensions; got ${dimension}.`,
          { path: "projection.dimension" },
        );
      }
      if (previous && refreshIndex(previous.step, refresh) === refreshIndex(step, refresh)) {
        const { shape } = previous.prepared.arrays.matrices!;
        if (shape[2] === dim) return previous.prepared;
      }
      // After a restore the vectors of an earlier step are in the state alone.
      if (!previous && kept && step > 0 && refreshIndex(step - 1, refresh) === refreshIndex(step, refresh)) {
        const { matrices } = kept;
        if (matrices?.shape[2] === dim) return { arrays: { matrices } };
      }
      const unit = directions({ data: new Float64Array(rows()), shape: [1, count, dim] }, 0).unit.data;
      return { arrays: { matrices: rightSingularVectors(unit, count, dim, dimension) } };
    },
    compose(context) {
      const matrices = context.arrays.matrices!;
      // A copy: what is kept may be freed once it is read, and an upload may be used again.
      const array = context.backend.combine([[1, matrices]]);
      const keep = { matrices: { array, shape: [1, dimension, context.dim] } };
      return { ...finish(context, matrices, "mean"), keep };
    },
    composeEnergy: (context) => finishEnergy(context, context.arrays.matrices!, "mean"),
  };
}

/**
 * The top k, as `[1, k, d]`, from the eigenvectors of the smaller Gram matrix: X Xᵀ = U Σ² Uᵀ gives V = XᵀU/Σ. Squaring
 * costs digits of the smallest singular values only, which are not among the top.
 */
export function rightSingularVectors(unit: Float64Array, count: number, dim: number, k: number): HostArray {
  const wide = dim > count;
  const { values, vectors } = symmetricEigen(gramOf(unit, count, dim, wide), wide ? count : dim);
  const largest = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]!);
  const data = new Float32Array(k * dim);
  largest.slice(0, k).forEach((index, row) => {
    const right = wide
      ? combination(vectors.subarray(index * count, (index + 1) * count), unit, dim)
      : vectors.subarray(index * dim, (index + 1) * dim);
    const norm = Math.sqrt(right.reduce((sum, value) => sum + value * value, 0));
    // The sign of a singular vector is free; the largest entry is made positive, so that every platform has the same.
    const lead = right.reduce((best, value) => (Math.abs(value) > Math.abs(best) + 1e-9 ? value : best), 0);
    for (let n = 0; n < dim; n++) data[row * dim + n] = norm === 0 ? 0 : (Math.sign(lead) * right[n]!) / norm;
  });
  return { data, shape: [1, k, dim] };
}

/** X Xᵀ where the rows are fewer than the columns, else XᵀX. */
function gramOf(unit: Float64Array, count: number, dim: number, wide: boolean): Float64Array {
  const { data, count: size, dim: length } = wide ? { data: unit, count, dim } : transposed({ data: unit, count, dim });
  const rows = { data, start: 0, stride: length, rows: size };
  const gram = new Float64Array(size * size);
  rowProducts({ data: gram, start: 0, stride: size, rows: size }, rows, rows, length);
  return gram;
}

/** Xᵀu */
function combination(u: Float64Array, unit: Float64Array, dim: number): Float64Array {
  const sum = new Float64Array(dim);
  u.forEach((factor, i) => {
    for (let n = 0; n < dim; n++) sum[n]! += factor * unit[i * dim + n]!;
  });
  return sum;
}
