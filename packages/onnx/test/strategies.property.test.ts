/** Random specs of every strategy: traced, lowered and run, they equal the float64 reference. */
import { defineEnergy, EnergyError, energyAndGradient, type ProjectionInput } from "@comhe/core";
import fc from "fast-check";
import { afterAll, it } from "vitest";
import { expectSame, normalRows, referenceResult } from "./support/compare.js";
import { backendOn } from "./support/runtimes.js";

const backend = await backendOn("onnxruntime-node, cpu");
afterAll(() => backend.dispose());

const potential = fc.oneof(
  fc.record({
    kind: fc.constant("riesz" as const),
    s: fc.constantFrom(0, 0.5, 1, 2, 3),
    distance: fc.constantFrom("chordal" as const, "angular" as const),
  }),
  fc.record({ kind: fc.constant("gaussian" as const), t: fc.constantFrom(0.5, 2, 4) }),
);
const dimension = fc.integer({ min: 9, max: 14 });
const count = fc.integer({ min: 1, max: 4 });
const reduce = fc.constantFrom("mean" as const, "max" as const);
const steps = fc.integer({ min: 0, max: 2 });
const through = fc.constantFrom("stopped" as const, "unrolled" as const);
const kind = <K extends string>(name: K) => fc.constant(name);
const projection: fc.Arbitrary<ProjectionInput> = fc.oneof(
  fc.record({ kind: kind("none") }),
  fc.record({
    kind: kind("random"),
    dimension,
    count,
    reduce,
    distribution: fc.constantFrom("gaussian", "orthogonal", "rademacher", "hadamard", "count-sketch"),
  }),
  fc.record({
    kind: kind("angle-preserving"),
    dimension,
    count,
    steps,
    through,
    learningRate: fc.constant(0.01),
    measure: fc.constantFrom("angle", "cosine"),
    form: fc.constantFrom("mean", "root"),
  }),
  fc.record({
    kind: kind("adversarial"),
    dimension,
    count,
    steps,
    through,
    learningRate: fc.constant(0.01),
    ascentSpace: fc.constantFrom("full", "half"),
  }),
  fc.record({ kind: kind("group"), groups: fc.integer({ min: 1, max: 3 }), shuffle: fc.boolean() }),
  fc.record({ kind: kind("bilateral"), rank: dimension }),
  fc.record({ kind: kind("pca"), dimension }),
) as fc.Arbitrary<ProjectionInput>;

const spec = fc.record({
  potential,
  space: fc.constantFrom("full" as const, "half" as const),
  normEpsilon: fc.constantFrom(0, 0.1),
  separationFloor: fc.constantFrom(0.01, 0.1),
  projection,
});
const rows = fc.record({
  count: fc.oneof(fc.integer({ min: 14, max: 40 }), fc.constant(270)),
  dim: fc.integer({ min: 28, max: 40 }),
  seed: fc.integer({ min: 0, max: 2 ** 30 }),
});

const runs = Number(process.env.COMHE_PROPERTY_RUNS ?? 120);

it(`${runs} random specs`, { timeout: Math.max(60_000, 600 * runs) }, async () => {
  const property = fc.asyncProperty(spec, rows, async (config, { count: n, dim, seed }) => {
    const weights = { data: normalRows(n, dim, seed), shape: [n, dim] };
    fc.pre(isValid(config));
    const actual = await energyAndGradient(backend, config, weights, { seed });
    // Two inner steps multiply the rounding of each other.
    expectSame(actual, await referenceResult(config, weights, seed), weights, [1e-4, 2e-3]);
  });
  await fc.assert(property, { numRuns: runs, seed: 20261125 });
});

/** Random projections to few dimensions have infinite means for some potentials, which core refuses. */
function isValid(config: Parameters<typeof defineEnergy>[0]): boolean {
  try {
    defineEnergy(config, { warn: () => undefined } as never);
    return true;
  } catch (error) {
    if (error instanceof EnergyError && error.code === "invalid-config") return false;
    throw error;
  }
}
