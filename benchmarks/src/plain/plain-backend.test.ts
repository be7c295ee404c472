import { type EnergyConfig, energyAndGradient, randomStream, referenceBackend } from "@comhe/core";
import { expect, it } from "vitest";
import { plainBackend } from "./plain-backend.js";

const spaces = ["half", "full"] as const;
const configs: EnergyConfig[] = spaces.flatMap((space) => [
  ...[0, 1, 2].map((s) => ({ potential: { kind: "riesz", s }, space }) as EnergyConfig),
  { potential: { kind: "riesz", s: 2 }, space, projection: { kind: "random", dimension: 9, count: 3 } },
]);

it.each(configs)("plain JavaScript in float64 is the reference: %j", async (config) => {
  // Not multiples of any block.
  const [count, dim] = [131, 531];
  const data = Float64Array.from(randomStream(1, "plain", 0).fillNormal(new Float32Array(count * dim)));
  const weights = { data, shape: [count, dim] };
  const expected = await energyAndGradient(referenceBackend(), config, weights);
  const got = await energyAndGradient(plainBackend("float64"), config, weights);
  expect(Math.abs(got.energy / expected.energy - 1)).toBeLessThan(1e-13);
  const largest = Float64Array.from(expected.gradient).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  let error = 0;
  got.gradient.forEach((value, n) => {
    error = Math.max(error, Math.abs(value - expected.gradient[n]!));
  });
  expect(error).toBeLessThan(1e-12 * largest);
});
