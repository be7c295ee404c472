/**
 * Bilateral projection: the mean of two energies, of the rows of W·P₁ᵀ (N points in ℝʳ) and of the rows of P₂ᵀ·W (r points
 * in ℝᵈ). Lin et al. 2020, "Bilateral projection".
 */
import type { Backend } from "../backend/backend.js";
import type { BilateralProjection } from "../config/types.js";
import { EnergyError } from "../errors/energy-error.js";
import { randomMatrices } from "../random/random-matrices.js";
import { batchOf } from "./kept-matrices.js";
import type { Projection } from "./projection.js";
import { refreshIndex } from "./refresh.js";

export function bilateralProjection({ kind, rank, refresh, left, right }: BilateralProjection): Projection {
  const given = left && right && { right: batchOf(right), left: batchOf(left) };
  return {
    kind,
    prepare({ count, dim, step, random, previous }) {
      if (given) {
        checkShape("right", given.right.shape, [1, rank, dim]);
        checkShape("left", given.left.shape, [1, count, rank]);
        return { arrays: given };
      }
      const index = refreshIndex(step, refresh);
      if (previous && refreshIndex(previous.step, refresh) === index) {
        const { right: p1, left: p2 } = previous.prepared.arrays;
        if (p1!.shape[2] === dim && p2!.shape[1] === count) return previous.prepared;
      }
      const stream = random(index);
      return {
        arrays: {
          right: randomMatrices("gaussian", [1, rank, dim], stream),
          left: randomMatrices("gaussian", [1, count, rank], stream),
        },
      };
    },
    compose({ backend, rows, arrays, at }) {
      const { right, left } = arrays as { right: typeof rows; left: typeof rows };
      const inRank = at(backend.matmul(rows, right, { transposeB: true }));
      const ofRank = at(backend.matmul(left, rows, { transposeA: true }));
      const energy = meanOfTwo(backend, inRank.energy, ofRank.energy);
      const gradient = backend.combine([
        [0.5, backend.matmul(inRank.gradient, right)],
        [0.5, backend.matmul(left, ofRank.gradient)],
      ]);
      return { energy, gradient };
    },
    composeEnergy({ backend, rows, arrays, energyAt }) {
      const { right, left } = arrays as { right: typeof rows; left: typeof rows };
      const inRank = energyAt(backend.matmul(rows, right, { transposeB: true }));
      const ofRank = energyAt(backend.matmul(left, rows, { transposeA: true }));
      return { energy: meanOfTwo(backend, inRank, ofRank) };
    },
  };
}

function meanOfTwo<A>(backend: Backend<A>, a: A, b: A): A {
  return backend.reduce(
    backend.combine([
      [0.5, a],
      [0.5, b],
    ]),
    "mean",
  ).energy;
}

function checkShape(name: string, got: readonly number[], expected: readonly number[]): void {
  if (got.every((size, axis) => size === expected[axis])) return;
  throw new EnergyError(
    "invalid-shape",
    `projection.${name}: expected shape [${expected.slice(1).join(", ")}] for these neurons, got [${got.slice(1).join(", ")}].`,
    { path: `projection.${name}` },
  );
}
