/** One seed's images: some of the training images train, some validate, and the test images are the same for every seed. */
import { randomStream } from "@comhe/core";
import { randomOrder } from "@comhe-examples/study-kit/training";
import { UserError } from "@comhe-examples/study-kit/worker";
import type { ImageSet } from "./fashion-data.js";
import { regime } from "./regime.js";

export interface Sample {
  /** Positions in the training set. */
  readonly training: Int32Array;
  readonly validation: Int32Array;
}

export function drawSample(available: number, samples: number, seed: number): Sample {
  const order = randomOrder(available, randomStream(seed, "sample", 0));
  return { training: order.slice(0, samples), validation: order.slice(samples, samples + regime.validation) };
}

/** @throws UserError */
export function checkSamples({ count }: ImageSet, samples: number): void {
  const most = count - regime.validation;
  if (samples >= regime.batchSize && samples <= most) return;
  throw new UserError(
    `--samples: expected a whole number from ${regime.batchSize}, one batch, to ${most}, ` +
      `the ${count} training images less ${regime.validation} to validate on; got ${samples}.`,
  );
}
