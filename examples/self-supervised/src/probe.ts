/**
 * What the embeddings are worth: a linear classifier by ridge regression on a few labels, on embeddings that stay as they are.
 */
import { randomStream } from "@comhe/core";
import { Matrix, solve } from "ml-matrix";
import { randomOrder } from "../../digits/src/shuffle.js";
import { regime } from "./regime.js";

export interface ProbeErrors {
  /** In percent, the mean over draws of labels. */
  readonly test: number;
  /** Of the unlabelled rows of the pool. */
  readonly validation: number;
}

export interface Embedded {
  /** rows × dimension */
  readonly embeddings: Float32Array;
  readonly dimension: number;
  readonly labels: Uint8Array;
}

/** The same labels for every arm with this seed. */
export function probeErrors(
  { embeddings, dimension, labels }: Embedded,
  seed: number,
  draws: number = regime.labelDraws,
): ProbeErrors {
  const errors = Array.from({ length: draws }, (_, draw) => {
    const labelled = drawLabels(labels, seed, draw);
    const weights = fitRidge(embeddings, dimension, labels, labelled);
    const known = new Set(labelled);
    const pool = Array.from({ length: regime.poolRows }, (_, row) => row).filter((row) => !known.has(row));
    const test = Array.from({ length: labels.length - regime.poolRows }, (_, row) => regime.poolRows + row);
    const errorOf = (rows: readonly number[]) =>
      (100 * rows.filter((row) => predict(embeddings, dimension, weights, row) !== labels[row]).length) / rows.length;
    return { test: errorOf(test), validation: errorOf(pool) };
  });
  const mean = (key: keyof ProbeErrors) => errors.reduce((sum, each) => sum + each[key], 0) / errors.length;
  return { test: mean("test"), validation: mean("validation") };
}

/** So many rows of the pool of each class. */
function drawLabels(labels: Uint8Array, seed: number, draw: number): number[] {
  const order = randomOrder(regime.poolRows, randomStream(seed, "labels", draw));
  const taken = new Array<number>(regime.classes).fill(0);
  return Array.from(order).filter((row) => taken[labels[row]!]!++ < regime.labelsPerClass);
}

/** argmin ‖[X 1]·W − Y‖² + λ‖W‖², Y one-hot, row by row; the last row of W is the intercept, which isn't shrunk. */
function fitRidge(embeddings: Float32Array, dimension: number, labels: Uint8Array, rows: readonly number[]): number[] {
  const x = new Matrix(rows.length, dimension + 1);
  const y = new Matrix(rows.length, regime.classes);
  rows.forEach((row, n) => {
    for (let k = 0; k < dimension; k++) x.set(n, k, embeddings[row * dimension + k]!);
    x.set(n, dimension, 1);
    y.set(n, labels[row]!, 1);
  });
  const transposed = x.transpose();
  const gram = transposed.mmul(x);
  for (let k = 0; k < dimension; k++) gram.set(k, k, gram.get(k, k) + regime.ridge);
  return solve(gram, transposed.mmul(y)).to1DArray();
}

function predict(embeddings: Float32Array, dimension: number, weights: readonly number[], row: number): number {
  let [best, most] = [0, Number.NEGATIVE_INFINITY];
  for (let label = 0; label < regime.classes; label++) {
    let score = weights[dimension * regime.classes + label]!;
    for (let k = 0; k < dimension; k++)
      score += embeddings[row * dimension + k]! * weights[k * regime.classes + label]!;
    if (score > most) [best, most] = [label, score];
  }
  return best;
}
