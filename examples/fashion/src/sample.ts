/** One seed's images: some of the training images train, some validate, and the test images are the same for every seed. */
import { type RandomStream, randomStream } from "@comhe/core";
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

/** A random order of 0 … count − 1 (Fisher and Yates). */
export function randomOrder(count: number, random: RandomStream): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let last = count - 1; last > 0; last--) {
    const pick = random.below(last + 1);
    [order[last], order[pick]] = [order[pick]!, order[last]!];
  }
  return order;
}
