/** Values made by an independent oracle (golden/README.md), on every backend. */
import {
  type Backend,
  createEvaluator,
  defineEnergy,
  type EnergyConfig,
  EnergyError,
  type EnergyResult,
  energyAndGradient,
  referenceBackend,
} from "@comhe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { backends } from "./support/backends.js";
import { expectWithin, maxNorm } from "./support/compare.js";
import { decodeArray, type GoldenCase, readGoldenCases } from "./support/golden-file.js";
import {
  type Convention,
  type GoldenRun,
  goldenRuns,
  operations,
  runnable,
  unrepresentable,
} from "./support/golden-specs.js";

const cases = readGoldenCases();
const oracle = referenceBackend();
const conventions: readonly Convention[] = ["exact", "reference"];

interface Check {
  readonly name: string;
  readonly golden: GoldenCase;
  readonly convention: Convention;
  readonly run: GoldenRun;
}

/** For `it.each`: the title, whole, and the rest. */
const titled = <T extends { readonly name: string }>(list: readonly T[]) =>
  list.map((each) => [each.name, each] as const);

const checks: readonly Check[] = cases.flatMap((golden) =>
  conventions.flatMap((convention) => {
    if (unrepresentable(golden, convention)) return [];
    return goldenRuns(golden, convention).map((run, n) => {
      const name = `${golden.id}, ${convention}${n > 0 ? `, in another way` : ""}`;
      return { name, golden, convention, run };
    });
  }),
);
/** Cases with a finite energy and gradient. */
const regular = checks.filter(({ run }) => Number.isFinite(run.expected.energy) && run.expected.gradient);
const singular = checks.filter((check) => !regular.includes(check));

describe("nothing is left out in silence", () => {
  it("every function of the file is checked or listed", () => {
    const known: string[] = [...runnable, ...operations];
    expect(known.length).toBe(new Set(known).size);
    expect([...new Set(cases.map(({ fn }) => fn))].sort()).toEqual(known.sort());
  });

  it("every case of a checked function is checked, but for those that can't be", () => {
    for (const golden of cases.filter(({ fn }) => runnable.includes(fn))) {
      for (const convention of conventions.filter((each) => golden[each])) {
        const checked = checks.some((check) => check.golden === golden && check.convention === convention);
        expect(checked || unrepresentable(golden, convention) !== undefined, `${golden.id}, ${convention}`).toBe(true);
      }
    }
    expect(cases.length).toBe(89);
    expect([regular.length, singular.length]).toEqual([126, 11]);
  });
});

describe("decoding", () => {
  const values = Float64Array.of(1.5, -2.25);
  const base64 = (array: Float64Array | Float32Array) => Buffer.from(array.buffer).toString("base64");

  it("reads numbers, float64 and float32 bytes", () => {
    const shape = [1, 2];
    expect(decodeArray({ shape, data: [1.5, -2.25] }, "x").data).toEqual(values);
    expect(decodeArray({ shape, f64le: base64(values) }, "x").data).toEqual(values);
    const narrow = decodeArray({ shape, f32le: base64(Float32Array.from(values)) }, "x");
    expect([narrow.data, narrow.rounded]).toEqual([values, true]);
    expect(decodeArray({ shape, data: ["Infinity", "NaN"] }, "x").data).toEqual(Float64Array.of(Infinity, Number.NaN));
  });

  it.each([
    ["too few numbers", { shape: [2, 2], data: [1] }],
    ["no shape", { data: [1] }],
    ["no data", { shape: [1] }],
    ["two encodings", { shape: [1], data: [1], f64le: "" }],
    ["a word", { shape: [1], data: ["one"] }],
    ["half a number", { shape: [1], f64le: "AAAA" }],
  ])("refuses %s", (_, raw) => {
    expect(() => decodeArray(raw, "x")).toThrow(/^x: /);
  });
});

function evaluate(backend: Backend<unknown>, config: EnergyConfig, { inputs }: GoldenCase): Promise<EnergyResult> {
  const { data, shape } = inputs.W;
  const weights = backend.precision === "float32" ? Float32Array.from(data) : data;
  return energyAndGradient(backend, config, { data: weights, shape });
}

/** E/‖w‖ of the shortest row that isn't 0: what a gradient is compared with where it is nearly 0 itself. */
function gradientScale(energy: number, { inputs }: GoldenCase): number {
  const { data, shape } = inputs.W;
  const norms = Array.from({ length: shape[0] }, (_, i) => Math.hypot(...data.slice(i * shape[1], (i + 1) * shape[1])));
  return Math.abs(energy) / Math.min(...norms.filter((norm) => norm > 0));
}

describe("reference backend, bare formula", () => {
  it.each(titled(regular))("%s", async (_, { golden, convention, run }) => {
    const { expected, multiple, logarithm } = run;
    const { energy, gradient } = await evaluate(oracle, { ...run.config, separationFloor: 0 }, golden);
    // 2 − 2c loses digits of nearly parallel rows, which is what ε > 0 asks for; differences keep them.
    const tolerance = convention === "reference" ? (golden.tolerance ?? 1e-9) : 1e-9;
    const value = logarithm ? Math.log(energy) : multiple * energy;
    expectWithin([value], [expected.energy], tolerance * Math.abs(expected.energy), "energy");
    const slope = logarithm ? 1 / energy : multiple;
    const { data, rounded } = expected.gradient!.W;
    const isZero = maxNorm(data) < 1e-12 * gradientScale(1, golden);
    const scale = isZero ? gradientScale(1, golden) : maxNorm(data);
    expectWithin(
      gradient.map((each) => slope * each),
      data,
      Math.max(tolerance, rounded ? 1e-7 : 0) * scale,
      "gradient",
    );
  });

  it.each(titled(checks.filter(({ run }) => run.expected.projectionAfter)))(
    "%s: where the ascent leads",
    async (_, check) => {
      const { golden, run } = check;
      const evaluator = createEvaluator(oracle, { ...run.config, separationFloor: 0 });
      await evaluator.evaluate(golden.inputs.W);
      const { data } = run.expected.projectionAfter!;
      expectWithin(evaluator.state().kept.matrices.data, data, 1e-9 * maxNorm(data), "projection");
    },
  );

  describe("without a finite energy or gradient", () => {
    it.each(titled(singular.filter(({ golden }) => !golden.id.includes("zero-row"))))(
      "%s: floor 0 names the two rows",
      async (_, { golden, run }) => {
        const error = await evaluate(oracle, { ...run.config, separationFloor: 0 }, golden).then(
          () => expect.fail("was accepted"),
          (thrown: unknown) => thrown as EnergyError,
        );
        expect(error).toBeInstanceOf(EnergyError);
        expect(error.code).toBe("coincident-neurons");
        expect(error.details.rows).toEqual(closestPair(golden).rows);
      },
    );

    it.each(titled(singular))(
      "%s: finite with the default floor, energy and gradient consistent",
      async (_, { golden, run }) => {
        const result = await evaluate(oracle, run.config, golden);
        expect(Number.isFinite(result.energy)).toBe(true);
        const { data, shape } = golden.inputs.W;
        const toward = data.map((value, n) => (value === 0 ? 0 : Math.cos(3 * n + 1)));
        let difference = 0;
        const step = 1e-6;
        for (const [times, weight] of [
          [-2, 1],
          [-1, -8],
          [1, 8],
          [2, -1],
        ]) {
          const moved = { shape, data: data.map((value, n) => value + times * step * toward[n]) };
          difference += (weight * (await energyAndGradient(oracle, run.config, moved)).energy) / (12 * step);
        }
        const slope = toward.reduce((sum, value, n) => sum + value * result.gradient[n], 0);
        expectWithin([slope], [difference], 1e-6 * gradientScale(result.energy, golden), "slope");
      },
    );

    it.each(titled(singular.filter(({ run }) => run.expected.energy === Number.POSITIVE_INFINITY)))(
      "%s: the energy rises as the floor falls",
      async (_, { golden, run }) => {
        let before = Number.NEGATIVE_INFINITY;
        for (const separationFloor of [0.1, 0.03, 0.01, 0.003, 0.001]) {
          const { energy } = await evaluate(oracle, { ...run.config, separationFloor }, golden);
          expect(energy).toBeGreaterThan(before);
          before = energy;
        }
      },
    );

    it.each(titled(singular.filter(({ run }) => Number.isFinite(run.expected.energy))))(
      "%s: a finite energy is met as the floor falls",
      async (_, { golden, run }) => {
        const { energy } = await evaluate(oracle, { ...run.config, separationFloor: 1e-6 }, golden);
        expectWithin([energy], [run.expected.energy], 1e-6, "energy");
      },
    );

    it.each(titled(singular.filter(({ golden }) => golden.id.includes("zero-row"))))(
      "%s: counted, without a gradient, its pairs at c = 0",
      async (_, { golden, run }) => {
        const { energy, gradient, deadNeurons } = await evaluate(oracle, { ...run.config, separationFloor: 0 }, golden);
        expect(deadNeurons).toBe(1);
        const { data, shape } = golden.inputs.W;
        const dead = Array.from({ length: shape[0] }, (_, i) => i).filter((i) =>
          data.subarray(i * shape[1], (i + 1) * shape[1]).every((value) => value === 0),
        );
        expect(dead.length).toBe(1);
        expect(maxNorm(gradient.subarray(dead[0] * shape[1], (dead[0] + 1) * shape[1]))).toBe(0);
        // The authors' ε puts such a row at c = 0 as well, and changes little else.
        const authors = golden.reference?.energy ?? Number.NaN;
        if (run.config.space === "full") expectWithin([energy], [authors], 1e-3, "energy");
      },
    );
  });
});

/** The two rows whose directions, or lines, are closest, and how far apart: u = 2 − 2c. */
function closestPair({ inputs, params }: GoldenCase, normEpsilon = 0) {
  const [count, dim] = inputs.W.shape;
  const row = (i: number) => inputs.W.data.subarray(i * dim, (i + 1) * dim);
  const isLine = params.space === "half" || params.distance === "angular";
  let closest = { cosine: -2, rows: [-1, -1] };
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      const product = row(i).reduce((sum, value, k) => sum + value * row(j)[k], 0);
      const signed = product / Math.hypot(...row(i), normEpsilon ** 0.5) / Math.hypot(...row(j), normEpsilon ** 0.5);
      const cosine = isLine ? Math.abs(signed) : signed;
      if (cosine > closest.cosine) closest = { cosine, rows: [i, j] };
    }
  }
  return { rows: closest.rows, chordSquared: 2 - 2 * closest.cosine };
}

describe.each(backends.filter(({ name }) => name !== "reference"))("$name, default floor", ({ create, tolerance }) => {
  let backend: Backend<unknown>;
  beforeAll(async () => {
    backend = await create();
  });

  it("computes in float32", () => expect(backend.precision).toBe("float32"));

  it.each(titled(checks))("%s", async (_, { golden, run }) => {
    const actual = await evaluate(backend, run.config, golden);
    const same = await evaluate(oracle, run.config, golden);
    const bare = await evaluate(oracle, { ...run.config, separationFloor: 0 }, golden).catch(() => undefined);
    const isBelowFloor = bare?.energy !== same.energy;
    const { expected, multiple, logarithm } = run;
    // The max norm, but where the true gradient is near 0 or pairs lie below the floor: there the terms don't add up.
    const terms = gradientScale(same.energy, golden);
    const largest = maxNorm(same.gradient);
    const scale = isBelowFloor || largest < 0.01 * terms ? Math.max(largest, terms) : largest;
    const relative = (run.steps >= 3 ? 5 : 1) * tolerance + parallelNoise(golden, run);
    const allowed = relative * scale + (isBelowFloor ? coincidenceNoise(golden, run) : 0);

    expectWithin([actual.energy], [same.energy], relative * Math.max(Math.abs(same.energy), 0.1), "energy");
    expectWithin(actual.gradient, same.gradient, allowed, "gradient");
    expect(actual.deadNeurons).toBe(same.deadNeurons);
    if (isBelowFloor || !Number.isFinite(expected.energy)) return;
    // No pair is below the floor, so that the file holds as well.
    const value = logarithm ? Math.log(actual.energy) : multiple * actual.energy;
    expectWithin([value], [expected.energy], relative * Math.max(Math.abs(expected.energy), 0.1), "energy of the file");
    if (!expected.gradient) return;
    const slope = logarithm ? 1 / actual.energy : multiple;
    expectWithin(
      actual.gradient.map((each) => slope * each),
      expected.gradient.W.data,
      slope * allowed,
      "gradient of the file",
    );
  });

  it.each(titled(checks.filter(({ run }) => run.expected.projectionAfter)))(
    "%s: where the ascent leads",
    async (_, { golden, run }) => {
      const evaluator = createEvaluator(backend, run.config);
      const { data, shape } = golden.inputs.W;
      await evaluator.evaluate({ data: Float32Array.from(data), shape });
      const { data: after } = run.expected.projectionAfter!;
      const allowed = (run.steps >= 3 ? 5 : 1) * tolerance * maxNorm(after);
      expectWithin(evaluator.state().kept.matrices.data, after, allowed, "projection");
    },
  );

  it("refuses the bare formula, where it can't see coincidences", async () => {
    expect(backend.bareFormula).toBe(false);
    await expect(evaluate(backend, { separationFloor: 0 }, cases[0])).rejects.toMatchObject({ code: "unsupported" });
  });
});

/** With ε > 0, u is 2 − 2c, which float32 knows to 2⁻²³: relative to a small u that is more than the tolerance. */
function parallelNoise(golden: GoldenCase, { config }: GoldenRun): number {
  if (!config.normEpsilon || golden.fn !== "mhe" || golden.inputs.W.shape[0] === 1) return 0;
  return 2 ** -23 / closestPair(golden, config.normEpsilon).chordSquared;
}

/**
 * What float32 directions leave in the gradient of a coincident pair: their rounding, 2⁻²⁴ of entries up to 1, times the
 * slope κ₀ at the floor, the weight of a pair and 1/‖w‖.
 */
function coincidenceNoise(golden: GoldenCase, { config }: GoldenRun): number {
  const { potential, separationFloor: floor, space } = defineEnergy(config);
  if (potential?.kind !== "riesz") return 0;
  const count = golden.inputs.W.shape[0];
  const slope = Math.max(potential.s, 1) * floor ** (-potential.s - 2);
  const weight = space === "half" ? 2 / (count * (2 * count - 1)) : 2 / (count * (count - 1));
  return 4 * 2 ** -24 * slope * weight * gradientScale(1, golden);
}
