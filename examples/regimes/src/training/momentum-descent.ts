/** Stochastic gradient descent with momentum, and weight decay on kernels alone. */
import type { Parameter } from "../network/layer.js";

export interface DescentOptions {
  readonly momentum: number;
  readonly weightDecay: number;
}

/** A step: v ← momentum·v − rate·(gradient + decay·w), w ← w + v. */
export function momentumDescent(
  parameters: readonly Parameter[],
  { momentum, weightDecay }: DescentOptions,
): (rate: number) => void {
  const velocities = parameters.map(({ value }) => new Float32Array(value.length));
  return (rate) => {
    parameters.forEach(({ value, gradient, shape }, n) => {
      const velocity = velocities[n]!;
      const decay = shape ? weightDecay : 0;
      for (let at = 0; at < value.length; at++) {
        velocity[at] = momentum * velocity[at]! - rate * (gradient[at]! + decay * value[at]!);
        value[at]! += velocity[at]!;
      }
    });
  };
}

/** From `rate` at progress 0 to zero at 1. */
export function cosineRate(rate: number, progress: number): number {
  return (rate * (1 + Math.cos(Math.PI * progress))) / 2;
}
