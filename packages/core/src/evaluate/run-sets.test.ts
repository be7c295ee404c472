/** Several sets at once are what each is alone, and only energies of pairs alone are such. */
import { expect, test } from "vitest";
import { defineEnergy } from "../config/define-energy.js";
import type { EnergyConfig } from "../config/types.js";
import { randomStream } from "../random/random-stream.js";
import { referenceBackend } from "../reference/reference-backend.js";
import { createProgram } from "./program.js";
import { runProgram } from "./run-program.js";
import { plainPairs, runSetsOn } from "./run-sets.js";

const [sets, count, dim] = [3, 7, 5] as const;
const size = count * dim;

test.each<[string, EnergyConfig]>([
  ["half space", { space: "half" }],
  ["full space, ε, a Gaussian", { potential: { kind: "gaussian", t: 2 }, normEpsilon: 0.1 }],
])("%s: the numbers of each set alone, to the last bit", async (_title, config) => {
  const backend = referenceBackend();
  const data = randomStream(1, "sets", 0).fillNormal(new Float32Array(sets * size));
  const program = createProgram(config);
  const { energies, gradient } = await runSetsOn(program, backend, data, [sets, count, dim]);
  for (let n = 0; n < sets; n++) {
    const alone = await runProgram(program, backend, { data: data.slice(n * size, (n + 1) * size), count, dim });
    expect(energies[n]).toBe(alone.energy);
    expect(Array.from(gradient.slice(n * size, (n + 1) * size))).toEqual(Array.from(alone.gradient));
  }
});

test("two energies have the same name where they are the same", () => {
  const nameOf = (config: EnergyConfig) => plainPairs(createProgram(config));
  const names = [
    { space: "half" } as const,
    {},
    { potential: { kind: "riesz", s: 1 } } as const,
    { separationFloor: 0.1 },
    { normEpsilon: 0.1 },
  ].map(nameOf);
  expect(new Set(names).size).toBe(names.length);
  expect(names).not.toContain(undefined);
  expect(nameOf(defineEnergy({ space: "half" }))).toBe(names[0]);
});

test.each<[string, EnergyConfig]>([
  ["a projection", { projection: { kind: "random", dimension: 4, count: 2 } }],
  ["a sample", { sample: 4 }],
  ["an objective", { objective: { kind: "coherence" } }],
  ["the bare formula", { separationFloor: 0 }],
  [
    "a projection of the user's own named none",
    {
      projection: {
        kind: "none",
        prepare: () => ({ arrays: {} }),
        compose: ({ backend, rows, at }) => {
          const { energy, gradient } = at(rows);
          return { energy: backend.reduce(energy, "mean").energy, gradient };
        },
      },
    },
  ],
])("%s has none", (_title, config) => {
  expect(plainPairs(createProgram(config))).toBeUndefined();
});
