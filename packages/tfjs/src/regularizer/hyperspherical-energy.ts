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
  /** What the energy is multiplied by in the loss; ≥ 0, without a default. Since the energy is a mean over pairs, useful weights are large. */
  readonly weight: number;
  /** Which axes of the kernel are neurons. Default `"neurons-last"`: Dense and Conv kernels of tfjs. */
  readonly layout?: Layout | undefined;
  /**
   * Takes the energy of one gate alone, for the kernels of recurrent layers, which hold the matrices of several gates side by side. `gateEnergies`
   * makes an energy for each gate. Default: the whole kernel.
   */
  readonly gate?: Gate | undefined;
  /** A whole number ≥ 0 that fixes the random projections. Default 0. */
  readonly seed?: number | undefined;
  /** Tells the random projections of several layers with one seed apart: the layer's name, say. Default "". */
  readonly name?: string | undefined;
  /**
   * Computes the energy instead of tfjs: any backend of core that computes synchronously, `nativeBackend()` of `@comhe/native` or
   * `wasmBackend({ threads: 1 })` of `@comhe/wasm` say. That pays where tfjs keeps its tensors in host memory (its engines wasm and cpu). A saved
   * model doesn't hold it: give it to a loaded model by {@link useBackend}. Default: tfjs computes.
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
  /** The name of the class in saved models. */
  static className = "HypersphericalEnergy";

  /** What the energy is multiplied by in the loss. */
  readonly weight: number;
  /** Which axes of the kernel are neurons. */
  readonly layout: Layout;
  /** The gate of a recurrent kernel whose energy it is; `undefined`: it is that of the whole kernel. */
  readonly gate: Gate | undefined;
  private readonly program: EnergyProgram;
  private readonly device: KernelProgram;
  private isWarned = false;

  /**
   * Does what {@link hypersphericalEnergy} does.
   *
   * @throws EnergyError `invalid-config` for a wrong config, weight, gate, seed or backend; `invalid-shape` for an unknown layout
   */
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

  /** What computes the energy instead of tfjs; `undefined`: tfjs computes. It may be changed at any time between steps. */
  get backend(): HostBackend | undefined {
    return this.device.backend;
  }

  /** @throws EnergyError `invalid-config` for what isn't a backend */
  set backend(backend: HostBackend | undefined) {
    this.device.backend = checkBackend(backend);
  }

  /** The energy that is computed, validated and with every default filled in. */
  get spec(): EnergySpec {
    return this.program.spec;
  }

  /** How many training steps there were so far, those before a saved model was loaded included. */
  get step(): number {
    return this.program.step;
  }

  /** What tells its random projections apart from those of other layers. */
  get name(): string {
    return this.state().name;
  }

  /**
   * Called by tfjs: weight × energy, a differentiable scalar. Each call is one training step of the projection's schedule. NaN or ±Infinity in
   * the weights gives a NaN loss, since looking would wait for the device: `EnergyMonitor` raises it as an error.
   *
   * @throws EnergyError `invalid-shape`, `invalid-config` where the config doesn't fit the kernel's shape
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
   * Energy, without the weight, and gradient at the current projections. It ends no step. Call it inside a `tf.tidy`.
   *
   * @param weights the kernel
   * @param backend what computes; default: the regularizer's own
   */
  evaluate(weights: tf.Tensor, backend?: HostBackend): KernelEnergy {
    return this.named(() => {
      const { energy, gradient } = this.device.evaluate(takeGate(weights, this.gate), backend);
      return { energy, gradient: spreadGate(gradient, this.gate) };
    });
  }

  /** The energy of {@link evaluate} alone, at a third of the cost. Call it inside a `tf.tidy`. */
  energy(weights: tf.Tensor, backend?: HostBackend): tf.Scalar {
    return this.named(() => this.device.energy(takeGate(weights, this.gate), backend));
  }

  /**
   * Checks that the config fits a kernel of this shape, ahead of its first use.
   *
   * @throws EnergyError `invalid-shape`, `invalid-config` where it doesn't
   */
  check(shape: Shape): void {
    const { count, dim } = this.axesOf(shape);
    // On a program of its own: what a strategy makes of these rows must not be used.
    createProgram(this.spec).prepare({ count, dim, rows: () => new Float32Array(count * dim) });
  }

  /** Where the training is, as plain JSON. A regularizer that restores it goes on as this one would. */
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
   * Called by tfjs where a model is saved: the options and the state, as plain JSON.
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
 * A layer regularizer that adds weight × hyperspherical energy of the layer's neurons to the loss:
 * `kernelRegularizer: hypersphericalEnergy({ space: "half", weight: 300 })`. Use one for each layer. It is saved and loaded with the model, the
 * step of its projections included.
 *
 * @throws EnergyError `invalid-config` for a wrong config, weight, gate, seed or backend; `invalid-shape` for an unknown layout
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
      "It says what the energy is multiplied by in the loss; `suggestWeight` finds one to begin with.",
    { path: "weight" },
  );
}
