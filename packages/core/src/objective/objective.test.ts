/** Objectives as energies: central differences, known values, laws, edges and what the config refuses. */
import { describe, expect, it } from "vitest";
import { expectClose, expectCloseNumber, maxNorm } from "../../test/support/compare.js";
import { directionalDerivative } from "../../test/support/differences.js";
import { inner, normalArray, orthogonalMatrix } from "../../test/support/random-rows.js";
import {
  createEvaluator,
  defineEnergy,
  type EnergyConfig,
  EnergyError,
  energyAndGradient,
  energyJsonSchema,
  type ObjectiveInput,
  referenceBackend,
} from "../index.js";

const backend = referenceBackend();

const evaluate = (config: EnergyConfig, data: Float64Array, dim: number) =>
  energyAndGradient(backend, config, { data, shape: [data.length / dim, dim] }, { seed: 3 });

const ofRows: readonly ObjectiveInput[] = [
  { kind: "orthogonality", side: "rows" },
  { kind: "orthogonality", side: "columns" },
  { kind: "orthogonality", side: "double" },
  { kind: "coherence", norm: "max" },
  { kind: "coherence", norm: "row-sum" },
  { kind: "restricted-isometry" },
  { kind: "restricted-isometry", side: "columns", iterations: 1, squared: false },
  { kind: "restricted-isometry", side: "columns", iterations: 5, squared: false },
  { kind: "restricted-isometry", estimate: "exact" },
  { kind: "restricted-isometry", estimate: "exact", side: "columns", squared: false },
];
const ofDirections: readonly ObjectiveInput[] = [
  { kind: "maximum-separation" },
  { kind: "maximum-separation", distance: "angular" },
  { kind: "gram-determinant" },
  { kind: "gram-determinant", gamma: 0.5, ridge: 0 },
  { kind: "uniformity" },
  { kind: "uniformity", t: 0.7 },
];
const cosine: ObjectiveInput = { kind: "coherence", norm: "cosine" };
const all = [...ofRows, ...ofDirections, cosine];

const configs: readonly (readonly [string, EnergyConfig])[] = [
  ...[...ofRows, cosine].map((objective) => ({ objective })),
  ...ofDirections.flatMap((objective) => (["full", "half"] as const).map((space) => ({ objective, space }))),
].map((config) => [JSON.stringify(config), config] as const);
const named = all.map((objective) => [JSON.stringify(objective), objective] as const);

describe.each(configs)("%s", (_, config) => {
  it.each([
    ["wide", 5, 9],
    ["tall", 9, 4],
    ["one row", 1, 6],
    ["several tiles", 130, 7],
  ])("gradient of %s rows by central differences", async (_shape, count, dim) => {
    // In ℝ⁷ the kernel of many neurons is nearly singular; the ridge is what the differences then see.
    const steep = config.objective?.kind === "gram-determinant" && count > 100;
    const rows = normalArray(17, count * dim);
    const toward = normalArray(18, rows.length);
    const { gradient } = await evaluate(config, rows, dim);
    const f = async (point: Float64Array) => (await evaluate(config, point, dim)).energy;
    const difference = await directionalDerivative(f, rows, toward, steep ? 3e-5 : 1e-4);
    const scale = Math.max(1, maxNorm(gradient));
    expectCloseNumber(inner(gradient, toward), difference, { relative: steep ? 1e-5 : 1e-7, scale }, "slope");
  });

  it("is the same after a rotation and after a change of order", async () => {
    const [count, dim] = [6, 8];
    const rows = normalArray(5, count * dim);
    // A power iteration begins with its own vector, which neither rotates with columns nor permutes with rows.
    const { objective } = config;
    if (objective?.kind === "restricted-isometry" && objective.estimate !== "exact") return;
    const { energy } = await evaluate(config, rows, dim);
    const turned = new Float64Array(rows.length);
    const rotation = orthogonalMatrix(6, dim);
    for (let i = 0; i < count; i++)
      for (let k = 0; k < dim; k++)
        for (let n = 0; n < dim; n++) turned[((i + 2) % count) * dim + k] += rows[i * dim + n] * rotation[k * dim + n];
    expectCloseNumber((await evaluate(config, turned, dim)).energy, energy, { relative: 1e-10 }, "energy");
  });

  it("is defined for zero rows", async () => {
    // A zero row coincides with its own opposite, which a kernel without ridge can't bear.
    if (config.space === "half" && config.objective?.kind === "gram-determinant" && config.objective.ridge === 0)
      return;
    const rows = normalArray(7, 5 * 6);
    rows.fill(0, 12, 18);
    const { energy, gradient, deadNeurons } = await evaluate(config, rows, 6);
    expect(Number.isFinite(energy)).toBe(true);
    expect(gradient.every(Number.isFinite)).toBe(true);
    expect(deadNeurons).toBe(1);
  });

  it("is defined for coincident and opposite rows", async () => {
    if (config.objective?.kind === "gram-determinant" && config.objective.ridge === 0) return;
    const rows = normalArray(8, 5 * 6);
    for (let k = 0; k < 6; k++) {
      rows[6 + k] = 2 * rows[k];
      rows[12 + k] = -rows[k];
    }
    const { energy, gradient } = await evaluate(config, rows, 6);
    expect(Number.isFinite(energy)).toBe(true);
    expect(gradient.every(Number.isFinite)).toBe(true);
  });
});

describe("objectives of directions", () => {
  it.each([...ofDirections, cosine].map((objective) => [JSON.stringify(objective), objective] as const))(
    "%s: the scale of a row doesn't matter, the gradient is tangent, and ε > 0 agrees with differences",
    async (_, objective) => {
      const rows = normalArray(9, 5 * 6);
      const scaled = rows.map((value, n) => value * [1, 1e30, 1e-30, 3, 0.2][Math.floor(n / 6)]);
      const { energy, gradient } = await evaluate({ objective }, rows, 6);
      expectCloseNumber((await evaluate({ objective }, scaled, 6)).energy, energy, { relative: 1e-12 });
      for (let i = 0; i < 5; i++) {
        const along = inner(rows.subarray(6 * i, 6 * i + 6), gradient.subarray(6 * i, 6 * i + 6));
        expect(Math.abs(along)).toBeLessThan(1e-12);
      }
      for (const space of objective === cosine ? (["full"] as const) : (["full", "half"] as const)) {
        const config = { objective, space, normEpsilon: 0.3 };
        const toward = normalArray(10, rows.length);
        const f = async (point: Float64Array) => (await evaluate(config, point, 6)).energy;
        const difference = await directionalDerivative(f, rows, toward, 1e-4);
        const slope = inner((await evaluate(config, rows, 6)).gradient, toward);
        expectCloseNumber(slope, difference, { relative: 1e-7, scale: 1 }, `slope in ${space} space`);
      }
    },
  );

  it("half space is the full space of the points and their opposites", async () => {
    const rows = normalArray(11, 4 * 5);
    const both = Float64Array.of(...rows, ...rows.map((value) => -value));
    for (const objective of ofDirections) {
      const half = await evaluate({ objective, space: "half" }, rows, 5);
      const full = await evaluate({ objective }, both, 5);
      expectCloseNumber(half.energy, full.energy, { relative: 1e-10 }, JSON.stringify(objective));
      const folded = rows.map((_, n) => full.gradient[n] - full.gradient[rows.length + n]);
      // Of several closest pairs only the first has a gradient.
      if (objective.kind === "maximum-separation") continue;
      expectClose(half.gradient, folded, { relative: 1e-9 }, JSON.stringify(objective));
    }
  });
});

describe("known values", () => {
  const identity = (count: number, dim: number) => {
    const rows = new Float64Array(count * dim);
    for (let i = 0; i < count; i++) rows[i * dim + i] = 1;
    return rows;
  };

  it("orthonormal rows are perfect for objectives of rows", async () => {
    for (const objective of ofRows) {
      const columns = "side" in objective && objective.side !== "rows" && objective.side !== undefined;
      const dim = columns ? 4 : 7;
      const { energy, gradient } = await evaluate({ objective }, identity(4, dim), dim);
      expect(energy, JSON.stringify(objective)).toBeCloseTo(0, 12);
      expect(maxNorm(gradient)).toBeLessThan(1e-12);
    }
  });

  it("the simplex has the largest separation", async () => {
    const triangle = Float64Array.of(1, 0, -0.5, Math.sqrt(0.75), -0.5, -Math.sqrt(0.75));
    const chordal = await evaluate({ objective: { kind: "maximum-separation" } }, triangle, 2);
    expect(chordal.energy).toBeCloseTo(-Math.sqrt(3), 12);
    const angular = await evaluate({ objective: { kind: "maximum-separation", distance: "angular" } }, triangle, 2);
    expect(angular.energy).toBeCloseTo((-2 * Math.PI) / 3, 12);
  });

  it("one neuron", async () => {
    const row = normalArray(1, 3);
    const value = async (config: EnergyConfig) => (await evaluate(config, row, 3)).energy;
    expect(await value({ objective: { kind: "maximum-separation" } })).toBe(0);
    expect(await value({ objective: { kind: "maximum-separation" }, space: "half" })).toBe(-2);
    expect(await value({ objective: { kind: "maximum-separation", distance: "angular" }, space: "half" })).toBe(
      -Math.PI,
    );
    expect(await value({ objective: { kind: "uniformity" } })).toBe(0);
    expect(await value({ objective: { kind: "uniformity" }, space: "half" })).toBeCloseTo(-8, 12);
    expect(await value({ objective: { kind: "gram-determinant", ridge: 0 } })).toBeCloseTo(0, 12);
    expect(await value({ objective: cosine })).toBe(0);
  });

  it("more power iterations come closer to the spectral norm, from below", async () => {
    const rows = normalArray(21, 8 * 6);
    const isometry = { kind: "restricted-isometry", squared: false } as const;
    const exact = (await evaluate({ objective: { ...isometry, estimate: "exact" } }, rows, 6)).energy;
    let before = 0;
    for (const iterations of [1, 2, 4, 8, 100]) {
      const { energy } = await evaluate({ objective: { ...isometry, iterations } }, rows, 6);
      expect(energy).toBeGreaterThanOrEqual(before);
      expect(energy).toBeLessThanOrEqual(exact * (1 + 1e-12));
      before = energy;
    }
    expectCloseNumber(before, exact, { relative: 1e-6 });
  });

  it("a power iteration begins anew at every step, and a restored one goes on identically", async () => {
    const weights = { data: normalArray(22, 8 * 6), shape: [8, 6] };
    const config = { objective: { kind: "restricted-isometry", iterations: 1 } } as const;
    const evaluator = createEvaluator(backend, config, { seed: 4 });
    const first = await evaluator.evaluate(weights);
    const state = evaluator.state();
    const second = await evaluator.evaluate(weights);
    expect(second.energy).not.toBe(first.energy);
    const other = createEvaluator(backend, config);
    other.restore(state);
    expect(await other.evaluate(weights)).toEqual(second);
  });
});

describe("edges", () => {
  const coincident = (factor: number) => {
    const rows = normalArray(31, 4 * 5);
    for (let k = 0; k < 5; k++) rows[15 + k] = factor * rows[5 + k];
    return rows;
  };

  it.each([
    ["maximum-separation, floor 0", { objective: { kind: "maximum-separation" }, separationFloor: 0 }, 2],
    ["the same of lines", { objective: { kind: "maximum-separation" }, separationFloor: 0, space: "half" }, -2],
    ["gram-determinant, ridge 0", { objective: { kind: "gram-determinant", ridge: 0 } }, 2],
    ["the same of lines", { objective: { kind: "gram-determinant", ridge: 0 }, space: "half" }, -2],
  ] as const)("%s: a coincidence is an error that names the rows", async (_, config, factor) => {
    const error = await evaluate(config, coincident(factor), 5).catch((thrown: EnergyError) => thrown);
    expect(error).toBeInstanceOf(EnergyError);
    expect(error).toMatchObject({ code: "coincident-neurons", details: { rows: [1, 3] } });
  });

  it("below the floor the separation goes on along its tangent", async () => {
    const pair = (chord: number) => {
      const angle = 2 * Math.asin(chord / 2);
      return Float64Array.of(1, 0, Math.cos(angle), Math.sin(angle));
    };
    const config: EnergyConfig = { objective: { kind: "maximum-separation" }, separationFloor: 0.1 };
    expect((await evaluate(config, pair(0), 2)).energy).toBeCloseTo(-0.05, 12);
    expect((await evaluate(config, pair(0.1 + 1e-9), 2)).energy).toBeCloseTo(-0.1, 8);
    expect((await evaluate(config, pair(0.05), 2)).energy).toBeCloseTo(-(0.05 + 0.05 ** 2 / 0.2), 12);
  });

  it("too many neurons for a matrix of all pairs", async () => {
    const rows = normalArray(41, 4097 * 2);
    await expect(evaluate({ objective: { kind: "gram-determinant" } }, rows, 2)).rejects.toMatchObject({
      code: "unsupported",
      details: { count: 4097 },
    });
  });

  it("a backend without objectives says so", async () => {
    const { objective: _, ...without } = referenceBackend();
    const weights = { data: normalArray(1, 6), shape: [2, 3] };
    await expect(energyAndGradient(without, { objective: cosine }, weights)).rejects.toMatchObject({
      code: "unsupported",
    });
  });
});

describe("after a projection", () => {
  it.each(named)("%s: gradient through random projections by central differences", async (_, objective) => {
    const projection = { kind: "random", dimension: 4, count: 3, reduce: "mean" } as const;
    const rows = normalArray(51, 6 * 9);
    const toward = normalArray(52, rows.length);
    const f = async (point: Float64Array) => (await evaluate({ objective, projection }, point, 9)).energy;
    const difference = await directionalDerivative(f, rows, toward, 3e-5);
    const { gradient } = await evaluate({ objective, projection }, rows, 9);
    const scale = Math.max(1, maxNorm(gradient));
    expectCloseNumber(inner(gradient, toward), difference, { relative: 1e-6, scale }, "slope");
  });

  it("the strategies that don't need second derivatives take an objective", async () => {
    const rows = normalArray(53, 6 * 9);
    const objective = { kind: "uniformity" } as const;
    for (const projection of [
      { kind: "group", groups: 3 },
      { kind: "bilateral", rank: 3 },
      { kind: "pca", dimension: 3 },
      { kind: "adversarial", dimension: 4, steps: 2 },
      { kind: "angle-preserving", dimension: 4, steps: 2, through: "unrolled" },
    ] as const) {
      const { energy } = await evaluate({ objective, projection }, rows, 9);
      expect(Number.isFinite(energy), projection.kind).toBe(true);
    }
  });
});

describe("config", () => {
  it.each(named)("%s survives JSON and takes the place of the potential", (_, objective) => {
    const spec = defineEnergy({ objective });
    expect("potential" in spec).toBe(false);
    expect(spec.objective).toMatchObject(objective);
    const back = JSON.parse(JSON.stringify(spec)) as EnergyConfig;
    expect(back).toEqual(spec);
    expect(defineEnergy(back)).toEqual(spec);
  });

  it("fills in defaults", () => {
    const filled = (objective: ObjectiveInput) => defineEnergy({ objective }).objective;
    expect(filled({ kind: "orthogonality" })).toEqual({ kind: "orthogonality", side: "rows" });
    expect(filled({ kind: "coherence" })).toEqual({ kind: "coherence", norm: "max" });
    const isometry = { kind: "restricted-isometry", side: "rows", estimate: "power", iterations: 2, squared: true };
    expect(filled({ kind: "restricted-isometry" })).toEqual(isometry);
    expect(filled({ kind: "maximum-separation" })).toEqual({ kind: "maximum-separation", distance: "chordal" });
    expect(filled({ kind: "gram-determinant" })).toEqual({ kind: "gram-determinant", gamma: 1, ridge: 1e-6 });
    expect(filled({ kind: "uniformity" })).toEqual({ kind: "uniformity", t: 2 });
  });

  it.each([
    ["both", { objective: cosine, potential: { kind: "riesz", s: 2 } }, "objective", /either .* or .*both/],
    ["an unknown kind", { objective: { kind: "srip" } }, "objective.kind", /"restricted-isometry".*got "srip"/],
    ["a key of another kind", { objective: { kind: "coherence", side: "rows" } }, "objective", /unknown key "side"/],
    ["no iterations", { objective: { kind: "restricted-isometry", iterations: 0 } }, "objective.iterations", /got 0/],
    ["t that underflows", { objective: { kind: "uniformity", t: 101 } }, "objective.t", /got 101/],
    ["half space of rows", { objective: { kind: "orthogonality" }, space: "half" }, "space", /"full"/],
    ["half space of coherence", { objective: cosine, space: "half" }, "space", /"full"/],
    ["ε of raw rows", { objective: { kind: "coherence" }, normEpsilon: 1e-4 }, "normEpsilon", /raw rows/],
    [
      "unrolling",
      { objective: cosine, projection: { kind: "adversarial", through: "unrolled" } },
      "projection.through",
      /second derivatives/,
    ],
  ] as const)("refuses %s", (_, config, path, message) => {
    let error: unknown;
    try {
      defineEnergy(config as EnergyConfig);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: "invalid-config", message: expect.stringMatching(message) });
    expect((error as EnergyError).details.path).toBe(path);
  });

  it("is in the JSON Schema", () => {
    const { properties } = energyJsonSchema() as { properties: Record<string, { oneOf?: unknown[] }> };
    expect(properties.objective.oneOf?.length).toBe(6);
  });
});
