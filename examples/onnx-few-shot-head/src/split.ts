/**
 * One seed's few shots: so many digits of each class from the pool train, the rest of the pool validates, and the other
 * writers' digits are the test set of every seed. Features are centred and scaled by the training rows alone.
 */
import { randomStream } from "@comhe/core";
import { UserError } from "@comhe-examples/study-kit";
import { randomOrder } from "@comhe-examples/study-kit/training";
import type { Features } from "./features.js";

export const POOL_ROWS = 1000;
export const CLASSES = 10;

export interface Examples {
  readonly count: number;
  /** count × dim */
  readonly inputs: Float32Array;
  readonly labels: Uint8Array;
}

export interface FewShots {
  readonly training: Examples;
  readonly validation: Examples;
  readonly test: Examples;
}

/** @throws UserError where a class hasn't so many */
export function drawShots(features: Features, labels: Uint8Array, shots: number, seed: number): FewShots {
  const order = randomOrder(POOL_ROWS, randomStream(seed, "shots", 0));
  const taken = new Array<number>(CLASSES).fill(0);
  const training: number[] = [];
  const validation: number[] = [];
  for (const row of order) {
    const label = labels[row]!;
    if (taken[label]! < shots) {
      taken[label]!++;
      training.push(row);
    } else validation.push(row);
  }
  const fewest = Math.min(...taken);
  if (fewest < shots || validation.length === 0) {
    throw new UserError(
      `--shots: expected at most ${Math.max(1, fewest - 1)} (digits of each class in the pool), got ${shots}.`,
    );
  }
  const test = Array.from({ length: features.rows - POOL_ROWS }, (_, n) => POOL_ROWS + n);
  const scale = scaling(features, training);
  const select = (rows: readonly number[]) => ({
    count: rows.length,
    inputs: scaled(features, rows, scale),
    labels: Uint8Array.from(rows, (row) => labels[row]!),
  });
  return { training: select(training), validation: select(validation), test: select(test) };
}

interface Scaling {
  readonly means: Float64Array;
  readonly factors: Float64Array;
}

/** Inputs come out with a squared norm of about 1. A feature that hardly varies in the few rows is not blown up. */
function scaling({ dim, data }: Features, rows: readonly number[]): Scaling {
  const means = new Float64Array(dim);
  const squares = new Float64Array(dim);
  for (const row of rows) for (let n = 0; n < dim; n++) means[n]! += data[row * dim + n]! / rows.length;
  for (const row of rows)
    for (let n = 0; n < dim; n++) squares[n]! += (data[row * dim + n]! - means[n]!) ** 2 / rows.length;
  const typical = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / dim);
  const factors = squares.map((square) => 1 / ((Math.sqrt(square) + 0.1 * typical + 1e-12) * Math.sqrt(dim)));
  return { means, factors };
}

function scaled({ dim, data }: Features, rows: readonly number[], { means, factors }: Scaling): Float32Array {
  const inputs = new Float32Array(rows.length * dim);
  rows.forEach((row, at) => {
    for (let n = 0; n < dim; n++) inputs[at * dim + n] = (data[row * dim + n]! - means[n]!) * factors[n]!;
  });
  return inputs;
}
