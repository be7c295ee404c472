/** Hyperspherical energy as a layer regularizer: one line in a layer's config. */
import {
  checkKeys,
  checkLayout,
  createProgram,
  type EnergyConfig,
  EnergyError,
  type EnergyProgram,
  type EnergySpec,
  type EvaluatorState,
  type Layout,
  type NeuronAxes,
  neuronAxes,
  type Shape,
} from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";
import { warnOfFewDimensions } from "../warning/few-dimensions.js";
import { checkGate, type Gate, gateShape, spreadGate, takeGate } from "./gate.js";
import { checkBackend, type HostBackend } from "./host-program.js";
import { type KernelEnergy, KernelProgram } from "./kernel-program.js";
import { type HostTerm, penalty } from "./penalty.js";
import { RegularizerBase } from "./regularizer-base.js";
import { repairSavedDepthwise } from "./saved-depthwise.js";

/** Options of {@link hypersphericalEnergy}: an energy, its weight in the loss, and what the layer's kernel is. */
export interface HypersphericalEnergyOptions extends EnergyConfig {
  /** What the energy is multiplied with in the loss; ≥ 0. The energy is a mean over pairs, so useful weights are large. */
  readonly weight: number;
  /** Which axes of the kernel are neurons. Default `"neurons-last"`: Dense and Conv kernels of tfjs. */
  readonly layout?: Layout | undefined;
  /**
   * For kernels of recurrent layers, which hold the matrices of several gates side by side: the energy of one of them. `gateEnergies` makes one for
   * each. Default: the whole kernel.
   */
  readonly gate?: Gate | undefined;
  /** Whole number ≥ 0 that fixes the projections. Default 0. */
  readonly seed?: number | undefined;
  /** Tells the random projections of layers with one seed apart: the layer's name. Default "". */
  readonly name?: string | undefined;
  /**
   * Computes the energy instead of tfjs: any backend of core's that computes synchronously, `wasmBackend({ threads: 1 })`
   * of `@comhe/wasm` for one. Worth it where tfjs keeps its tensors in host memory (its engines wasm and cpu). It is an
   * object and no config: a saved model doesn't hold it, see `useBackend`.
   */
  readonly backend?: HostBackend | undefined;
}

const optionKeys = Object.keys({
  weight: true,
  layout: true,
  gate: true,
  seed: true,
  name: true,
  backend: true,
  potential: true,
  objective: true,
  space: true,
  projection: true,
  separationFloor: true,
  normEpsilon: true,
  sample: true,
} satisfies Record<keyof HypersphericalEnergyOptions, true>);

/** Whether models are written without what energies would save of themselves. */
let areLeftOut = false;

/**
 * What `body` gives while energies save nothing but their name, which even one with a projection of the user's own can.
 * @internal
 */
export function leavingEnergiesOut<R>(body: () => R): R {
  areLeftOut = true;
  try {
    return body();
  } finally {
    areLeftOut = false;
  }
}

/** What a saved model holds: the config, and where the schedule stands. */
interface SavedConfig extends tf.serialization.ConfigDict {
  readonly state?: tf.serialization.ConfigDictValue;
}

/**
 * The layer regularizer that {@link hypersphericalEnergy} makes. It holds the schedule of its layer's projections, so that every layer needs
 * one of its own.
 */
export class HypersphericalEnergy extends RegularizerBase {
  /** By which saved models name the class. */
  static className = "HypersphericalEnergy";

  /** What the energy is multiplied with in the loss. */
  readonly weight: number;
  /** Which axes of the kernel are neurons. */
  readonly layout: Layout;
  /** Which gate of a recurrent kernel; `undefined`: all of the kernel. */
  readonly gate: Gate | undefined;
  private readonly program: EnergyProgram;
  private readonly device: KernelProgram;
  private isWarned = false;

  /** @throws EnergyError `invalid-config` */
  constructor(options: HypersphericalEnergyOptions) {
    super();
    checkKeys("hypersphericalEnergy", options ?? {}, optionKeys);
    const { weight, layout, gate, seed, name, backend, ...config } = options ?? {};
    this.weight = checkWeight(weight);
    this.layout = checkLayout(layout ?? "neurons-last");
    this.gate = checkGate(gate);
    this.program = createProgram(config, { seed, name });
    this.device = new KernelProgram(this.program, this.layout, checkBackend(backend));
  }

  /** What computes the energy instead of tfjs; may be changed at any time, between steps. */
  get backend(): HostBackend | undefined {
    return this.device.backend;
  }

  /** @throws EnergyError `invalid-config` for what isn't a backend */
  set backend(backend: HostBackend | undefined) {
    this.device.backend = checkBackend(backend);
  }

  /** The energy, validated, with every default. */
  get spec(): EnergySpec {
    return this.program.spec;
  }

  /** Training steps so far. */
  get step(): number {
    return this.program.step;
  }

  /** What tells its random projections apart from those of other layers. */
  get name(): string {
    return this.state().name;
  }

  /**
   * weight × energy, differentiable; each call is one training step of the projection's schedule. NaN or ±Infinity in
   * the weights gives a NaN loss, since looking would wait for the device: `EnergyMonitor` raises it as an error.
   *
   * @throws EnergyError `invalid-shape`, `invalid-config` where the kernel's shape can't carry the config
   */
  override apply(weights: tf.Tensor): tf.Scalar {
    this.device.watch(weights);
    return this.named(() => tf.tidy(() => penalty(this.device, this.weight, this.taken(weights))));
  }

  /**
   * What `apply` would compute on the backend it was given, for a sum with other kernels' terms; `undefined` where it was given none.
   * @internal
   */
  hostTerm(kernel: tf.Tensor): HostTerm | undefined {
    const { backend } = this.device;
    if (!backend) return undefined;
    this.named(() => {
      this.warnAtFirst(kernel.shape);
    });
    return { on: this.device, backend, weight: this.weight, kernel, gate: this.gate };
  }

  /**
   * Energy (unweighted) and gradient at the current projections, without a step, on another backend if one is given. Call
   * inside a tidy.
   */
  evaluate(weights: tf.Tensor, backend?: HostBackend): KernelEnergy {
    return this.named(() => {
      const { energy, gradient } = this.device.evaluate(takeGate(weights, this.gate), backend);
      return { energy, gradient: spreadGate(gradient, this.gate) };
    });
  }

  /** The energy of {@link evaluate} alone, at a third of the cost. Call inside a tidy. */
  energy(weights: tf.Tensor, backend?: HostBackend): tf.Scalar {
    return this.named(() => this.device.energy(takeGate(weights, this.gate), backend));
  }

  /**
   * Checks that a kernel of this shape can carry the config, ahead of its first use.
   *
   * @throws EnergyError `invalid-shape`, `invalid-config` where the shape can't carry the config
   */
  check(shape: Shape): void {
    const { count, dim } = this.axesOf(shape);
    // On a program of its own: what a strategy makes of these rows must not be used.
    createProgram(this.spec).prepare({ count, dim, rows: () => new Float32Array(count * dim) });
  }

  /** Where the schedule stands, with what the strategy keeps, as JSON: {@link restore} it, and training goes on identically. */
  state(): EvaluatorState {
    return this.program.state();
  }

  /**
   * Goes on from a saved state.
   *
   * @throws EnergyError `invalid-state` where it is of another projection, or no state at all
   */
  restore(state: EvaluatorState): void {
    this.program.restore(state);
  }

  /**
   * Frees the projection matrices kept on the device; they return at the next use. Nobody has to call it: with the kernel's variable, and so
   * with its layer and its model, what is kept for it goes.
   */
  dispose(): void {
    this.device.dispose();
  }

  /**
   * What tfjs saves with a model: the options and the state.
   *
   * @throws EnergyError `unsupported` for a projection of the user's own, which isn't data
   */
  override getConfig(): tf.serialization.ConfigDict {
    if (areLeftOut) return {};
    const { spec } = this;
    if ("compose" in spec.projection) {
      throw new EnergyError(
        "unsupported",
        `A projection of your own ("${spec.projection.kind}") can't be saved with the model. Save ` +
          "`await withoutRegularizers(model)`, and add the regularizer again after loading.",
      );
    }
    const { seed, name, step, kept } = this.state();
    const config = {
      ...spec,
      weight: this.weight,
      layout: this.layout,
      gate: this.gate,
      state: { seed, name, step, kept },
    };
    // Plain JSON: tfjs would save a key without a value as null.
    return JSON.parse(JSON.stringify(config)) as tf.serialization.ConfigDict;
  }

  /** Called by tfjs where a model is loaded, with what `getConfig` gave. */
  static fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    // tfjs-layers adds `customObjects` to every config it reads.
    const { state, customObjects, ...options } = config as SavedConfig;
    const made = new cls(options as tf.serialization.ConfigDict);
    if (state && made instanceof HypersphericalEnergy) {
      const saved = { version: 1, projection: made.spec.projection.kind, ...(state as object) };
      made.restore(saved as EvaluatorState);
    }
    return made;
  }

  /** The matrix whose energy it is. */
  private taken(kernel: tf.Tensor): tf.Tensor {
    this.warnAtFirst(kernel.shape);
    return takeGate(kernel, this.gate);
  }

  /** Of an energy that few dimensions make noise of. */
  private warnAtFirst(kernel: Shape): void {
    if (this.isWarned) return;
    this.isWarned = true;
    warnOfFewDimensions(this.spec, this.axesOf(kernel).dim);
  }

  /** Of the matrix whose energy it is. */
  private axesOf(kernel: Shape): NeuronAxes {
    return neuronAxes(this.gate ? gateShape(kernel, this.gate) : kernel, this.layout);
  }

  /** A model has many regularizers: an error says which one it comes from. */
  private named<R>(body: () => R): R {
    try {
      return body();
    } catch (error) {
      if (!EnergyError.isInstance(error) || this.name === "") throw error;
      throw new EnergyError(error.code, `${this.name}: ${error.message}`, { ...error.details, name: this.name }, error);
    }
  }
}

tf.serialization.registerClass(HypersphericalEnergy);
repairSavedDepthwise();

/**
 * A layer regularizer: `kernelRegularizer: hypersphericalEnergy({ space: "half", weight: 300 })`. Use one for each
 * layer. It is saved and loaded with the model, its schedule included.
 *
 * @throws EnergyError `invalid-config`
 */
export function hypersphericalEnergy(options: HypersphericalEnergyOptions): HypersphericalEnergy {
  return new HypersphericalEnergy(options);
}

function checkWeight(weight: unknown): number {
  if (typeof weight === "number" && Number.isFinite(weight) && weight >= 0) return weight;
  const isLeftOut = weight === undefined || weight === null;
  throw new EnergyError(
    "invalid-config",
    `weight: expected a number ≥ 0, got ${isLeftOut ? "nothing" : typeof weight === "number" ? weight : JSON.stringify(weight)}. ` +
      "It says what the energy is multiplied with in the loss; `suggestWeight` finds one to begin with.",
    { path: "weight" },
  );
}
