/**
 * One seed's split: some rows of the development pool train, the rest of the pool validates, and the test rows are the
 * same for every seed. Pixels are centred by the mean of the training rows alone.
 */
import { randomStream } from "@comhe/core";
import { UserError } from "@comhe-examples/study-kit/worker";
import { type Digits, PIXELS } from "./digits-data.js";
import { regime } from "./regime.js";
import { randomOrder } from "./shuffle.js";

export interface Examples {
  readonly count: number;
  /** count × 64 */
  readonly inputs: Float32Array;
  readonly labels: Uint8Array;
}

export interface Split {
  /** Row numbers in the file. */
  readonly rows: { readonly training: Int32Array; readonly validation: Int32Array; readonly test: Int32Array };
  readonly training: Examples;
  readonly validation: Examples;
  readonly test: Examples;
}

export function splitDigits(digits: Digits, seed: number, samples: number): Split {
  checkSamples(samples);
  const order = randomOrder(regime.poolRows, randomStream(seed, "split", 0));
  const rows = {
    training: order.slice(0, samples),
    validation: order.slice(samples),
    test: Int32Array.from({ length: digits.rows - regime.poolRows }, (_, i) => regime.poolRows + i),
  };
  const means = pixelMeans(digits, rows.training);
  return {
    rows,
    training: select(digits, rows.training, means),
    validation: select(digits, rows.validation, means),
    test: select(digits, rows.test, means),
  };
}

/** At least one row must be left to validate on. */
export function checkSamples(samples: number): void {
  if (!Number.isInteger(samples) || samples < regime.batchSize || samples >= regime.poolRows) {
    throw new UserError(
      `--samples: expected a whole number from ${regime.batchSize} to ${regime.poolRows - 1} ` +
        `(training rows out of the pool of ${regime.poolRows}), got ${samples}.`,
    );
  }
}

function pixelMeans(digits: Digits, rows: Int32Array): Float64Array {
  const means = new Float64Array(PIXELS);
  for (const row of rows) {
    for (let pixel = 0; pixel < PIXELS; pixel++)
      means[pixel]! += digits.pixels[row * PIXELS + pixel]! / 16 / rows.length;
  }
  return means;
}

function select(digits: Digits, rows: Int32Array, means: Float64Array): Examples {
  const inputs = new Float32Array(rows.length * PIXELS);
  rows.forEach((row, position) => {
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      const value = digits.pixels[row * PIXELS + pixel]! / 16;
      inputs[position * PIXELS + pixel] = (value - means[pixel]!) / regime.pixelScale;
    }
  });
  return { count: rows.length, inputs, labels: Uint8Array.from(rows, (row) => digits.labels[row]!) };
}
