/** The evaluator over many steps: schedule, seeds, saving and restoring, and one evaluation at a time. */
import { describe, expect, it } from "vitest";
import { normalArray } from "../../test/support/random-rows.js";
import type { Backend, FloatArray } from "../backend/backend.js";
import type { EnergyConfig, ProjectionInput } from "../config/types.js";
import { EnergyError } from "../errors/energy-error.js";
import type { PrepareContext, Projection } from "../projection/projection.js";
import type { HostTensor } from "../reference/host-tensor.js";
import { referenceBackend } from "../reference/reference-backend.js";
import { createEvaluator, type EnergyResult, energyAndGradient } from "./evaluator.js";
import { createProgram, type EvaluatorState, type SeedOptions } from "./program.js";

const backend = referenceBackend();
const weights = { data: normalArray(1, 40), shape: [5, 8] };
const random = (refresh: number): EnergyConfig => ({ projection: { kind: "random", dimension: 6, count: 2, refresh } });
const shuffled = (refresh: number): EnergyConfig => ({
  projection: { kind: "group", groups: 3, shuffle: true, refresh },
});

async function energies(config: EnergyConfig, steps: number, options: SeedOptions = { seed: 3 }): Promise<number[]> {
  const evaluator = createEvaluator(backend, config, options);
  const seen: number[] = [];
  for (let step = 0; step < steps; step++) seen.push((await evaluator.evaluate(weights)).energy);
  return seen;
}

/** Numbers the different values in the order they appear: which step uses which draw. */
const draws = (values: readonly number[]) => values.map((value) => [...new Set(values)].indexOf(value));

describe.each([
  ["random", random],
  ["shuffled groups", shuffled],
])("refresh of %s", (_, config) => {
  it.each([
    [0, [0, 0, 0, 0, 0, 0, 0]],
    [1, [0, 1, 2, 3, 4, 5, 6]],
    [2, [0, 0, 1, 1, 2, 2, 3]],
    [3, [0, 0, 0, 1, 1, 1, 2]],
  ])("%i: steps use the draws %j", async (refresh, expected) => {
    expect(draws(await energies(config(refresh), expected.length))).toEqual(expected);
  });

  it("a schedule changes when a draw is used, not which", async () => {
    const every = await energies(config(1), 3);
    const third = await energies(config(3), 7);
    expect([third[0], third[3], third[6]]).toEqual(every);
    expect(await energies(config(0), 1)).toEqual([every[0]]);
  });
});

it("what isn't random doesn't change with the steps", async () => {
  const configs: EnergyConfig[] = [
    {},
    { projection: { kind: "group", groups: 3, refresh: 1 } },
    { projection: { kind: "fixed", matrices: { data: normalArray(2, 16), shape: [1, 2, 8] } } },
  ];
  for (const config of configs) expect(draws(await energies(config, 3))).toEqual([0, 0, 0]);
});

describe("seeds", () => {
  it.each([
    ["random", random(1)],
    ["shuffled groups", shuffled(1)],
  ])("%s: the same seed and name give the same run, others another", async (_, config) => {
    const run = await energies(config, 4, { seed: 3, name: "a" });
    expect(await energies(config, 4, { seed: 3, name: "a" })).toEqual(run);
    for (const options of [{ seed: 4, name: "a" }, { seed: 3, name: "b" }, { seed: 3 }, {}]) {
      const other = await energies(config, 4, options);
      for (const energy of other) expect(run).not.toContain(energy);
    }
  });

  it('default to seed 0, name ""', async () => {
    expect(await energies(random(1), 2, {})).toEqual(await energies(random(1), 2, { seed: 0, name: "" }));
    expect(createEvaluator(backend, {}).state()).toMatchObject({ seed: 0, name: "", step: 0 });
  });

  it("energyAndGradient is the first step of an evaluator", async () => {
    const evaluator = createEvaluator(backend, random(1), { seed: 9 });
    expect(await energyAndGradient(backend, random(1), weights, { seed: 9 })).toEqual(
      await evaluator.evaluate(weights),
    );
  });

  it("the draw doesn't depend on the number of neurons, and is its own for another dimension", async () => {
    const matricesOf = (count: number, dim: number) =>
      createProgram(random(1), { seed: 3 }).prepare({ count: count, dim: dim, rows: () => new Float32Array(0) }).arrays
        .matrices;
    expect(matricesOf(5, 8)).toEqual(matricesOf(50, 8));
    expect(matricesOf(5, 9).shape).toEqual([2, 6, 9]);
  });
});

describe("saving and restoring", () => {
  const cases: readonly (readonly [string, EnergyConfig])[] = [
    ["random, refresh 3", random(3)],
    [
      "random orthogonal, refresh 0",
      { projection: { kind: "random", dimension: 6, distribution: "orthogonal", refresh: 0 } },
    ],
    ["shuffled groups, refresh 2", shuffled(2)],
    ["bilateral, refresh 2", { projection: { kind: "bilateral", rank: 4, refresh: 2 } }],
    ["pca, refresh 3", { projection: { kind: "pca", dimension: 3, refresh: 3 } }],
    ["pca, refresh 0", { projection: { kind: "pca", dimension: 3, refresh: 0 } }],
    ["adversarial", { projection: { kind: "adversarial", dimension: 4, learningRate: 0.02, through: "unrolled" } }],
    ["angle-preserving", { projection: { kind: "angle-preserving", dimension: 4, count: 2, steps: 2 } }],
    ["hadamard, refresh 2", { projection: { kind: "random", dimension: 4, distribution: "hadamard", refresh: 2 } }],
    ["none", {}],
  ];

  /** Weights that move from step to step, as in training. */
  const trained = Array.from({ length: 8 }, (_, step) => {
    const moves = normalArray(100 + step, 40);
    return { data: weights.data.map((value, n) => value + 0.1 * step * moves[n]), shape: weights.shape };
  });

  it.each(cases)("%s: a restored run goes on identically, from every step", async (_, config) => {
    const original = createEvaluator(backend, config, { seed: 11, name: "conv" });
    const results: EnergyResult[] = [];
    const states: string[] = [];
    for (const at of trained) {
      states.push(JSON.stringify(original.state()));
      results.push(await original.evaluate(at));
    }
    for (let from = 0; from < 8; from++) {
      const resumed = createEvaluator(backend, config);
      resumed.restore(JSON.parse(states[from]));
      expect(resumed.step).toBe(from);
      for (let step = from; step < 8; step++) {
        expect(await resumed.evaluate(trained[step]), `step ${step}, resumed at ${from}`).toEqual(results[step]);
      }
    }
  });

  it("learned matrices move on from step to step", async () => {
    for (const kind of ["adversarial", "angle-preserving"] as const) {
      const evaluator = createEvaluator(
        backend,
        { projection: { kind, dimension: 4 } as ProjectionInput },
        { seed: 2 },
      );
      const seen: string[] = [];
      for (let step = 0; step < 3; step++) {
        await evaluator.evaluate(weights);
        seen.push(JSON.stringify(evaluator.state().kept));
      }
      expect(new Set(seen).size).toBe(3);
    }
  });

  it("restoring rewinds a running evaluator too", async () => {
    const evaluator = createEvaluator(backend, random(1), { seed: 2 });
    const start = evaluator.state();
    const first = await evaluator.evaluate(weights);
    await evaluator.evaluate(weights);
    evaluator.restore(start);
    expect(await evaluator.evaluate(weights)).toEqual(first);
  });

  it("a state is a snapshot in plain JSON", async () => {
    const evaluator = createEvaluator(backend, random(3), { seed: 5, name: "n" });
    const state = evaluator.state();
    await evaluator.evaluate(weights);
    expect(state).toEqual({ version: 1, seed: 5, name: "n", step: 0, projection: "random", kept: {} });
    expect(evaluator.state().step).toBe(1);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });

  const good: EvaluatorState = { version: 1, seed: 1, name: "", step: 4, projection: "random", kept: {} };
  it.each([
    ["nothing", undefined, /an object made by state\(\), got nothing/],
    ["null", null, /an object made by state\(\), got null/],
    ["a list", [], /an object made by state\(\)/],
    ["another version", { ...good, version: 2 }, /expected version 1, got 2/],
    ["another projection", { ...good, projection: "group" }, /the projection "random", got "group"/],
    ["a negative step", { ...good, step: -1 }, /step, a whole number ≥ 0, got -1/],
    ["a step in words", { ...good, step: "4" }, /step, a whole number ≥ 0, got "4"/],
    ["no seed", { ...good, seed: undefined }, /seed, a whole number ≥ 0, got nothing/],
    ["a broken seed", { ...good, seed: 0.5 }, /seed, a whole number ≥ 0, got 0.5/],
    ["no name", { ...good, name: undefined }, /name, a string, got nothing/],
    ["no kept arrays", { ...good, kept: undefined }, /kept, an object, got nothing/],
    [
      "kept arrays cut short",
      { ...good, kept: { p: { data: [1, 2], shape: [1, 1, 3] } } },
      /kept\.p with data that fills/,
    ],
    ["kept arrays without data", { ...good, kept: { p: {} } }, /kept\.p with data that fills/],
  ])("a wrong state is refused, and changes nothing: %s", async (_, state, message) => {
    const evaluator = createEvaluator(backend, random(1), { seed: 6 });
    await evaluator.evaluate(weights);
    const before = evaluator.state();
    let thrown: unknown;
    try {
      evaluator.restore(state as EvaluatorState);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(EnergyError);
    expect((thrown as EnergyError).code).toBe("invalid-state");
    expect((thrown as EnergyError).message).toMatch(message);
    expect(evaluator.state()).toEqual(before);
  });
});

describe("one evaluation at a time", () => {
  /** The reference backend with downloads that take a while. */
  const slow: Backend<HostTensor> = {
    ...backend,
    async download<R extends Record<string, HostTensor>>(arrays: R) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return (await backend.download(arrays)) as { [K in keyof R]: FloatArray };
    },
  };

  it.each([
    ["synchronous", backend],
    ["asynchronous", slow],
  ])("a second one before the first has ended is refused, on a %s backend", async (_, on) => {
    const evaluator = createEvaluator(on, random(1));
    const first = evaluator.evaluate(weights);
    await expect(evaluator.evaluate(weights)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/previous evaluation hasn't ended; await it first/),
    });
    await first;
    expect(evaluator.step).toBe(1);
    await evaluator.evaluate(weights);
    expect(evaluator.step).toBe(2);
  });

  it("a failed evaluation isn't a step, and frees the evaluator", async () => {
    const evaluator = createEvaluator(backend, random(1), { seed: 8 });
    await expect(evaluator.evaluate({ data: new Float32Array(3), shape: [2, 2] })).rejects.toThrow(EnergyError);
    await expect(evaluator.evaluate({ data: Float64Array.of(Number.NaN, 1), shape: [1, 2] })).rejects.toThrow(/NaN/);
    expect(evaluator.step).toBe(0);
    expect(await evaluator.evaluate(weights)).toEqual(
      await energyAndGradient(backend, random(1), weights, { seed: 8 }),
    );
  });

  it("two evaluators don't disturb each other", async () => {
    const alone = await energies(random(1), 3, { seed: 1 });
    const [a, b] = [createEvaluator(backend, random(1), { seed: 1 }), createEvaluator(backend, random(1), { seed: 2 })];
    for (const energy of alone) {
      const [own] = await Promise.all([a.evaluate(weights), b.evaluate(weights)]);
      expect(own.energy).toBe(energy);
    }
  });
});

it("weights of another dimension may follow, at the same draw number", async () => {
  for (const config of [random(0), shuffled(0)]) {
    const evaluator = createEvaluator(backend, config, { seed: 3 });
    await evaluator.evaluate(weights);
    const other = { data: normalArray(3, 45), shape: [5, 9] };
    expect(await evaluator.evaluate(other)).toEqual(await energyAndGradient(backend, config, other, { seed: 3 }));
  }
});

describe("prepared arrays", () => {
  it("are the same objects while nothing changes, so that callers can keep their uploads", () => {
    const program = createProgram(random(2), { seed: 1 });
    const seen = Array.from({ length: 4 }, () => {
      const { matrices } = program.prepare({ count: 5, dim: 8, rows: () => new Float32Array(0) }).arrays;
      program.advance(undefined);
      return matrices;
    });
    expect(seen[1]).toBe(seen[0]);
    expect(seen[2]).not.toBe(seen[0]);
    expect(seen[2].data).not.toEqual(seen[0].data);
    expect(seen[3]).toBe(seen[2]);
  });

  it("come again when `prepare` is called again before `advance`", () => {
    const program = createProgram(random(1), { seed: 1 });
    expect(program.prepare({ count: 5, dim: 8, rows: () => new Float32Array(0) })).toBe(
      program.prepare({ count: 5, dim: 8, rows: () => new Float32Array(0) }),
    );
  });
});

describe("a projection of the user's own", () => {
  /** Scales the neurons by 2 in its prepared matrix, and counts its calls in an array it keeps. */
  const contexts: PrepareContext[] = [];
  const own: Projection = {
    kind: "counting",
    prepare(context) {
      contexts.push(context);
      const calls = (context.kept?.calls.data[0] ?? 0) + 1;
      return { arrays: { calls: { data: Float64Array.of(calls), shape: [1, 1, 1] } } };
    },
    compose({ at, rows, backend: on, arrays }) {
      const { energy, gradient } = at(rows);
      const keep = { calls: { array: on.combine([[1, arrays.calls]]), shape: [1, 1, 1] } };
      return { energy, gradient, keep };
    },
  };

  it("is composed, and what it keeps is state", async () => {
    const evaluator = createEvaluator(backend, { space: "half", projection: own as ProjectionInput }, { seed: 4 });
    const first = await evaluator.evaluate(weights);
    expect(first).toEqual(await energyAndGradient(backend, { space: "half" }, weights));
    await evaluator.evaluate(weights);
    const state = JSON.parse(JSON.stringify(evaluator.state()));
    expect(state).toMatchObject({ projection: "counting", step: 2, kept: { calls: { data: [2], shape: [1, 1, 1] } } });
    const resumed = createEvaluator(backend, { space: "half", projection: own });
    resumed.restore(state);
    await resumed.evaluate(weights);
    expect(resumed.state().kept.calls.data).toEqual([3]);
    expect(contexts.at(-1)).toMatchObject({ count: 5, dim: 8, step: 2, previous: undefined });
    expect(contexts.at(-1)?.random(7).word()).toBe(contexts[0].random(7).word());
  });
});
