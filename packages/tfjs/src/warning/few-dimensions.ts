/** Warnings that a training loop would repeat at every step, each of them once. */
import { type EnergySpec, fewDimensions } from "@comhe/core";

const given = new Set<string>();

/** On the console, each message once in a process. */
export function warnOnce(message: string): void {
  if (given.has(message)) return;
  given.add(message);
  console.warn(message);
}

/** Where an energy of points in so few dimensions has no finite variance. */
export function warnOfFewDimensions(spec: EnergySpec, dim: number): void {
  const message = fewDimensions(spec, dim);
  if (message) warnOnce(message);
}
