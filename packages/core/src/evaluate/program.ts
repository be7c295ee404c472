/**
 * One energy over many steps, without the input and output: what the evaluator (host data) and the adapters (data that
 * stays on a device) share. It holds the step, what the strategy prepared and what it kept, and nothing else.
 */
import type { Backend, FloatArray, ObjectiveResult, ObjectiveTask, PairwiseResult, Shape } from "../backend/backend.js";
import { defineEnergy } from "../config/define-energy.js";
import type { EnergyConfig, EnergySpec, Share, Space } from "../config/types.js";
import { checkKeys } from "../errors/check-keys.js";
import { EnergyError } from "../errors/energy-error.js";
import { hostObjective } from "../objective/host-objective.js";
import { createProjection } from "../projection/create-projection.js";
import type {
  ComposeContext,
  Composed,
  ComposedEnergy,
  HostArray,
  HostArrays,
  Prepared,
} from "../projection/projection.js";
import { randomStream } from "../random/random-stream.js";
import { drawRows } from "../sample/sample-rows.js";

/** What fixes the random numbers of an energy. */
export interface SeedOptions {
  /** A whole number from 0 to 2⁵³ − 1; the same seed gives the same projections on every backend. Default 0. */
  readonly seed?: number | undefined;
  /** Tells the random numbers of several layers with one seed apart: the layer's name, say. Default "". */
  readonly name?: string | undefined;
}

/** Where a run is, as plain JSON: what {@link Evaluator.restore} goes on from. */
export interface EvaluatorState {
  /** The version of this format. */
  readonly version: 1;
  /** The seed that the run was begun with. */
  readonly seed: number;
  /** The name that the run was begun with. */
  readonly name: string;
  /** How many evaluations there were. */
  readonly step: number;
  /** The `kind` of the projection this state belongs to. */
  readonly projection: string;
  /** Arrays that the projection carries from step to step, by name; empty for one that carries none. */
  readonly kept: Readonly<
    Record<
      string,
      {
        /** The array's numbers, row major. */
        readonly data: readonly number[];
        /** The sizes of the array's axes. */
        readonly shape: Shape;
      }
    >
  >;
}

/**
 * One energy over many steps, without the input and output: what the evaluator (host data) and adapters (data that stays on a device)
 * share. Each step: `prepare`, `compose`, `advance`; {@link runProgram} does the first two.
 */
export interface EnergyProgram {
  /** The energy that is evaluated, validated and with every default filled in. */
  readonly spec: EnergySpec;
  /** How many steps have ended, those before a restored state included. */
  readonly step: number;
  /**
   * Which of N rows the current step takes, in increasing order; `undefined` where it takes all. Seed, name, step and N fix it, so
   * that it needs no state of its own.
   */
  sample(count: number): Int32Array | undefined;
  /** Does the host's half of the current step: draws projections or keeps them. Calling it again before `advance` gives the same. */
  prepare(neurons: NeuronSource): Prepared;
  /**
   * Does the backend's half of the current step: energy `[1]` and gradient `[1, N, d]` of the rows, and what the next step needs.
   *
   * @param rows `[1, N, d]`; where `sample` names some, those alone: `[1, m, d]`, and so is the gradient
   * @param neurons all N neurons
   * @param upload how prepared arrays reach the backend; default: an upload of each
   * @throws EnergyError `unsupported` for what the backend doesn't have; `invalid-config` or `invalid-shape` where N and d don't fit the projection
   */
  compose<A>(backend: Backend<A>, rows: A, neurons: NeuronSource, upload?: Upload<A>): Composed<A>;
  /** The energy of {@link compose} alone, at a third of its cost where the energy is one of pairs. It ends no step. */
  composeEnergy<A>(backend: Backend<A>, rows: A, neurons: NeuronSource, upload?: Upload<A>): ComposedEnergy<A>;
  /**
   * Ends the step.
   *
   * @param kept the arrays that `compose` said to keep, read back to the host; `undefined` where there were none
   */
  advance(kept: HostArrays | undefined): void;
  /** Where the run is, as plain JSON. A program that restores it goes on as this one would. */
  state(): EvaluatorState;
  /**
   * Goes on from a saved state.
   * @throws EnergyError `invalid-state` where it is of another projection, or no state at all
   */
  restore(state: EvaluatorState): void;
}

/** The neurons as a projection's host half sees them. */
export interface NeuronSource {
  /** N: the number of neurons. */
  readonly count: number;
  /** d: the length of a neuron. */
  readonly dim: number;
  /** Returns the rows of all neurons, `[N, d]`; called by projections that look at the weights (`pca`). */
  readonly rows: () => FloatArray;
}

/**
 * How prepared arrays reach the backend. A caller may keep what it uploaded and give it again, since an array that hasn't changed is the same
 * object.
 */
export type Upload<A> = (array: HostArray, name: string) => A;

/**
 * The program of an energy, at its first step: for adapters whose data stay on a device. Whoever has data on the host takes
 * {@link createEvaluator}.
 *
 * @throws EnergyError `invalid-config` for a wrong config or seed
 */
export function createProgram(config: EnergyConfig | EnergySpec, options: SeedOptions = {}): EnergyProgram {
  const spec = defineEnergy(config);
  const strategy = createProjection(spec.projection);
  let { seed, name } = checkSeed(options);
  let step = 0;
  let previous: { prepared: Prepared; step: number } | undefined;
  let kept: HostArrays | undefined;

  let drawn: { readonly count: number; readonly step: number; readonly rows: Int32Array } | undefined;

  const sample = (count: number): Int32Array | undefined => {
    if (spec.sample === undefined || spec.sample >= count) return undefined;
    if (drawn?.count !== count || drawn.step !== step) {
      drawn = { count, step, rows: drawRows(count, spec.sample, randomStream(seed, `${name}, rows`, step)) };
    }
    return drawn.rows;
  };
  const prepare = (neurons: NeuronSource): Prepared => {
    const { count, dim, rows } = neurons;
    const random = (index: number, share: Share = "layer") =>
      randomStream(seed, share === "shape" ? `${count}×${dim}` : name, index);
    const prepared = strategy.prepare({ count, dim, rows, step, random, previous, kept });
    previous = { prepared, step };
    return prepared;
  };
  const contextFor = <A>(
    backend: Backend<A>,
    rows: A,
    neurons: NeuronSource,
    upload: Upload<A> = (array, label) => uploadTo(backend, array, label),
  ): ComposeContext<A> => {
    if (spec.separationFloor === 0 && !backend.bareFormula) throw bareFormulaRefused(backend.name);
    const { arrays, indices = {}, sketch } = prepare(neurons);
    const { dim } = neurons;
    const some = sample(neurons.count);
    const count = some?.length ?? neurons.count;
    const uploaded = mapValues(arrays, upload);
    const { potential, objective, normEpsilon, separationFloor } = spec;
    const directions = (of: A) => backend.directions(of, normEpsilon);
    // Every strategy that can be sampled takes energies of as many points as there are rows.
    const population = some ? { population: neurons.count } : {};
    const start = (length: number) => startVector(seed, name, step, length);
    const objectiveAt = (of: A, space: Space): ObjectiveResult<A> => {
      const settings = { objective: objective!, separationFloor, normEpsilon, space, start };
      const host = (data: FloatArray, shape: Shape) => hostObjective(data, shape, settings);
      return objectiveOf(backend, of, { ...settings, host });
    };
    return {
      backend,
      rows,
      count,
      dim,
      arrays: uploaded,
      indices,
      sketch,
      pair: { space: spec.space, separationFloor },
      at(of, space = spec.space): PairwiseResult<A> {
        if (potential) return backend.pairwise(directions(of), { potential, separationFloor, space, ...population });
        const { value, gradient } = objectiveAt(of, space);
        return { energy: value, gradient, saved: undefined };
      },
      energyAt(of, space = spec.space) {
        if (!potential) return objectiveAt(of, space).value;
        const pair = { potential, separationFloor, space, ...population };
        return backend.pairwise(directions(of), pair, { gradient: false }).energy;
      },
      directions,
      upload,
    };
  };
  return {
    spec,
    get step() {
      return step;
    },
    sample,
    prepare,
    compose: (backend, rows, neurons, upload) => strategy.compose(contextFor(backend, rows, neurons, upload)),
    composeEnergy(backend, rows, neurons, upload) {
      const context = contextFor(backend, rows, neurons, upload);
      if (strategy.composeEnergy) return strategy.composeEnergy(context);
      return { energy: strategy.compose(context).energy };
    },
    advance(next) {
      kept = next;
      step++;
    },
    state() {
      const arrays = mapValues(kept ?? {}, ({ data, shape }) => ({ data: Array.from(data), shape }));
      return { version: 1, seed, name, step, projection: strategy.kind, kept: arrays };
    },
    restore(state) {
      checkState(state, strategy.kind);
      ({ seed, name, step } = state);
      previous = undefined;
      drawn = undefined;
      const arrays = mapValues(state.kept, ({ data, shape }) => ({ data: Float64Array.from(data), shape }));
      kept = Object.keys(arrays).length === 0 ? undefined : arrays;
    },
  };
}

function bareFormulaRefused(name: string): EnergyError {
  return new EnergyError(
    "unsupported",
    `Backend ${name} can't see coincident neurons in flight, so separationFloor must be above 0 there ` +
      "(the default is 0.01); got 0. Use another backend, referenceBackend() for one, to compute the bare formula.",
  );
}

/** Random numbers are drawn by the backend where it can. */
function uploadTo<A>(backend: Backend<A>, array: HostArray, label: string): A {
  if (array.draw && backend.random) return backend.random(array.draw);
  return backend.upload(array.data, array.shape, label);
}

/** What a power iteration begins with: new at every step, from a stream that no projection uses. */
function startVector(seed: number, name: string, step: number, length: number): Float32Array {
  return randomStream(seed, `${name}, start`, step).fillNormal(new Float32Array(length));
}

function objectiveOf<A>(backend: Backend<A>, rows: A, task: ObjectiveTask): ObjectiveResult<A> {
  if (backend.objective) return backend.objective(rows, task);
  throw new EnergyError(
    "unsupported",
    `Backend ${backend.name} has no objective "${task.objective.kind}". Use the tfjs or the reference backend.`,
    { kind: task.objective.kind },
  );
}

function checkSeed(options: SeedOptions): { seed: number; name: string } {
  checkKeys("options", options, ["seed", "name"]);
  const { seed = 0, name = "" } = options;
  const wrong = (path: string, problem: string) => new EnergyError("invalid-config", `${path}: ${problem}.`, { path });
  if (!Number.isSafeInteger(seed) || seed < 0) {
    const got = typeof seed === "number" ? seed : JSON.stringify(seed);
    throw wrong("seed", `expected a whole number from 0 to 2⁵³ − 1, got ${got}`);
  }
  if (typeof name !== "string") throw wrong("name", `expected a string, got ${JSON.stringify(name)}`);
  return { seed, name };
}

function checkState(state: EvaluatorState, kind: string): void {
  const problem = (expected: string, got: unknown) =>
    new EnergyError(
      "invalid-state",
      `Saved state: expected ${expected}, got ${JSON.stringify(got) ?? "nothing"}. Restore what state() gave for the same config.`,
    );
  const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject(state)) throw problem("an object made by state()", state);
  if (state.version !== 1) throw problem("version 1", state.version);
  if (state.projection !== kind) throw problem(`one of the projection "${kind}"`, state.projection);
  if (!Number.isSafeInteger(state.step) || state.step < 0) throw problem("step, a whole number ≥ 0", state.step);
  if (!Number.isSafeInteger(state.seed) || state.seed < 0) throw problem("seed, a whole number ≥ 0", state.seed);
  if (typeof state.name !== "string") throw problem("name, a string", state.name);
  if (!isObject(state.kept)) throw problem("kept, an object", state.kept);
  for (const [name, array] of Object.entries(state.kept)) {
    const size = array?.shape?.reduce((total, length) => total * length, 1);
    if (size === undefined || size !== array?.data?.length) {
      throw problem(`kept.${name} with data that fills its shape`, array?.shape);
    }
  }
}

function mapValues<V, R>(record: Readonly<Record<string, V>>, map: (value: V, key: string) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
