/** Energy and gradient of host data on any backend: once, or step by step with projections that follow their schedule. */
import type { Backend, FloatArray } from "../backend/backend.js";
import type { EnergyConfig, EnergySpec } from "../config/types.js";
import { EnergyError } from "../errors/energy-error.js";
import { fromNeurons, type Kernel } from "../layout/layout.js";
import { hostBackend } from "../reference/host-backend.js";
import { spreadRows, takeRows } from "../sample/sample-rows.js";
import { checkBackend } from "./check-backend.js";
import { checkWeights } from "./check-weights.js";
import { areFinite } from "./finite.js";
import { createProgram, type EvaluatorState, type SeedOptions } from "./program.js";
import { runEnergyOn, runProgram } from "./run-program.js";

/** What an evaluation gives. Its arrays are new and belong to the caller. */
export interface EnergyResult {
  /** The energy, without any weight: the mean of the potential over pairs (or the objective's value), dimensionless. */
  readonly energy: number;
  /** ∂energy/∂weights, in the weights' shape and type. */
  readonly gradient: FloatArray;
  /** How many neurons are zero. They have no direction, and get no gradient (unless `normEpsilon` is above 0). */
  readonly deadNeurons: number;
  /** Which neurons this step took, in increasing order, where the config has a `sample`. The gradient of the others is 0. */
  readonly rows?: Int32Array;
}

/** Evaluates one energy over many steps, with projections that follow their schedule. Made by {@link createEvaluator}. */
export interface Evaluator {
  /** The energy that is evaluated, validated and with every default filled in. */
  readonly spec: EnergySpec;
  /** How many evaluations there were so far, those before a restored state included. */
  readonly step: number;
  /**
   * Energy and gradient at this step's projections; then the schedule goes on to the next step. Evaluations of one evaluator must not
   * overlap: await each before the next.
   *
   * @throws EnergyError `invalid-shape` for data that doesn't fit its shape or layout; `non-finite` for NaN and ±Infinity in the weights, or where
   *   the result overflows; `invalid-config` where the projection doesn't fit N and d; `coincident-neurons` where `separationFloor` is 0 and
   *   two neurons coincide; `unsupported` for what the backend doesn't have, and while the previous evaluation hasn't ended
   */
  evaluate(weights: Kernel): Promise<EnergyResult>;
  /**
   * The energy alone at this step's projections, at about a third of the cost; it equals the energy of `evaluate` up to rounding. The schedule
   * stays where it is: `evaluate` after it has the same projections.
   *
   * @throws EnergyError as {@link Evaluator.evaluate} does
   */
  energy(weights: Kernel): Promise<number>;
  /** Where the run is, as plain JSON. An evaluator that restores it goes on as this one would. */
  state(): EvaluatorState;
  /**
   * Goes on from a saved state: the next evaluations are those that the saved evaluator would have made.
   * @throws EnergyError `invalid-state` where it is of another projection, or no state at all
   */
  restore(state: EvaluatorState): void;
}

/**
 * An evaluator for one weight matrix (layer) over many steps.
 *
 * float32 weights are computed on `backend`, float64 weights too if it is a float64 backend, else on the reference
 * backend.
 *
 * @param backend what computes: the result of `wasmBackend()`, `nativeBackend()`, `referenceBackend()` or another one, awaited
 * @param config which energy, as written by a user or as `defineEnergy` returned it
 * @param options what fixes the random numbers
 * @throws EnergyError `invalid-config` for a wrong config, seed or backend
 */
export function createEvaluator<A>(
  backend: Backend<A>,
  config: EnergyConfig | EnergySpec,
  options: SeedOptions = {},
): Evaluator {
  checkBackend(backend as Backend<unknown>);
  const program = createProgram(config, options);
  let busy = false;
  /** One at a time, on the backend that the weights' precision asks for. */
  const alone = async <R>(what: string, weights: Kernel, run: <B>(on: Backend<B>) => Promise<R>): Promise<R> => {
    if (busy) throw new EnergyError("unsupported", `${what}: the previous evaluation hasn't ended; await it first.`);
    busy = true;
    try {
      const exact = weights?.data instanceof Float64Array && backend.precision === "float32";
      return await (exact ? run(hostBackend()) : run(backend));
    } finally {
      busy = false;
    }
  };
  return {
    spec: program.spec,
    get step() {
      return program.step;
    },
    state: program.state,
    restore: program.restore,
    evaluate: (weights) =>
      alone("evaluate", weights, async (on) => {
        const { data, count, dim, deadNeurons } = checkWeights(weights, on);
        const result = await runProgram(program, on, { data, count, dim });
        const { energy, rows } = result;
        const taken = sameType(result.gradient, weights.data);
        checkResult(energy, taken, on);
        program.advance(result.kept);
        const all = rows ? spreadRows(taken, count, dim, rows) : taken;
        const gradient = fromNeurons(all, weights.shape, weights.layout);
        return { energy, gradient, deadNeurons, ...(rows && { rows }) };
      }),
    energy: (weights) =>
      alone("energy", weights, async (on) => {
        const { data, count, dim } = checkWeights(weights, on);
        const rows = program.sample(count);
        const taken = rows ? takeRows(data, dim, rows) : data;
        const energy = await runEnergyOn(program, on, { count, dim, rows: () => data }, taken);
        if (Number.isFinite(energy)) return energy;
        throw new EnergyError(
          "non-finite",
          `Backend ${on.name} gave an energy that isn't finite (${energy}): it overflows ${on.precision}. Pass the weights as a Float64Array.`,
        );
      }),
  };
}

/**
 * Energy and gradient of one weight matrix or kernel, at the projections of the first step. For many steps: {@link createEvaluator}.
 *
 * float32 weights are computed on `backend`, float64 weights too if it is a float64 backend, else on the reference
 * backend. The weights are only read.
 *
 * @param backend what computes: the result of `wasmBackend()`, `nativeBackend()`, `referenceBackend()` or another one, awaited
 * @param config which energy, as written by a user or as `defineEnergy` returned it
 * @param weights a matrix `[N, d]` whose rows are neurons, or a kernel of any rank with its layout
 * @param options what fixes the random numbers
 * @throws EnergyError `invalid-config` for a wrong config, seed or backend, and where the projection doesn't fit N and d; `invalid-shape` for
 *   data that doesn't fit its shape or layout; `non-finite` for NaN and ±Infinity, and where the result overflows; `coincident-neurons` where
 *   `separationFloor` is 0 and two neurons coincide; `unsupported` for what the backend doesn't have
 */
export async function energyAndGradient<A>(
  backend: Backend<A>,
  config: EnergyConfig | EnergySpec,
  weights: Kernel,
  options: SeedOptions = {},
): Promise<EnergyResult> {
  return createEvaluator(backend, config, options).evaluate(weights);
}

function sameType(array: FloatArray, like: FloatArray): FloatArray {
  if (like instanceof Float64Array) return array instanceof Float64Array ? array : new Float64Array(array);
  return array instanceof Float32Array ? array : new Float32Array(array);
}

/** Never a NaN result: weights near the ends of the number range can still overflow a gradient, and steep potentials anything. */
function checkResult(energy: number, gradient: FloatArray, backend: Pick<Backend<never>, "name" | "allFinite">): void {
  if (Number.isFinite(energy) && areFinite(gradient, backend)) return;
  throw new EnergyError(
    "non-finite",
    `Backend ${backend.name} gave a result that isn't finite (energy ${energy}). A gradient grows as 1/‖w‖, so rows of ` +
      "norm below about 1e-30 overflow float32; a potential of near neurons grows as separationFloor to the power −s, which overflows " +
      "it above s = 17. Rescale the weights, or pass them as a Float64Array; or choose a smaller exponent or a larger separationFloor.",
  );
}
