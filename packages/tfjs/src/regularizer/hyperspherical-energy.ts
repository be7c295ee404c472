/** Hyperspherical energy as a layer regularizer: one line in a layer's config. */
import {
  createProgram,
  type EnergyConfig,
  EnergyError,
  type EnergyProgram,
  type EnergySpec,
  type EvaluatorState,
  type Layout,
} from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";
import { type KernelEnergy, DeviceProgram, penalty } from "./penalty.js";
import { RegularizerBase } from "./regularizer-base.js";

export interface HypersphericalEnergyOptions extends EnergyConfig {
  /** What the energy is multiplied with in the loss; > 0. The energy is a mean over pairs, so useful weights are large. */
  readonly weight: number;
  /** Which axes of the kernel are neurons. Default `"neurons-last"`: Dense and Conv kernels of tfjs. */
  readonly layout?: Layout | undefined;
  /** Whole number ≥ 0 that fixes the projections. Default 0. */
  readonly seed?: number | undefined;
  /** Tells the random projections of layers with one seed apart: the layer's name. Default "". */
  readonly name?: string | undefined;
}

/** What a saved model holds: the config, and where the schedule stands. */
interface SavedConfig extends tf.serialization.ConfigDict {
  readonly state?: tf.serialization.ConfigDictValue;
}

export class HypersphericalEnergy extends RegularizerBase {
  static className = "HypersphericalEnergy";

  readonly weight: number;
  readonly layout: Layout;
  private readonly program: EnergyProgram;
  private readonly device: DeviceProgram;

  constructor(options: HypersphericalEnergyOptions) {
    super();
    const { weight, layout = "neurons-last", seed, name, ...config } = options ?? {};
    this.weight = checkWeight(weight);
    this.layout = layout;
    this.program = createProgram(config, { seed, name });
    this.device = new DeviceProgram(this.program, layout);
  }

  get spec(): EnergySpec {
    return this.program.spec;
  }

  /** Training steps so far. */
  get step(): number {
    return this.program.step;
  }

  /** weight × energy, differentiable; each call is one training step of the projection's schedule. */
  override apply(weights: tf.Tensor): tf.Scalar {
    return tf.tidy(() => {
      const loss = penalty(this.device, this.weight, weights);
      this.program.advance(undefined);
      return loss;
    });
  }

  /** Energy (unweighted) and gradient at the current projections, without a step. Call inside a tidy. */
  evaluate(weights: tf.Tensor): KernelEnergy {
    return this.device.evaluate(weights);
  }

  state(): EvaluatorState {
    return this.program.state();
  }

  restore(state: EvaluatorState): void {
    this.program.restore(state);
  }

  /** Frees the projection matrices kept on the device; they return at the next use. */
  dispose(): void {
    this.device.dispose();
  }

  /** @throws EnergyError `unsupported` for a projection of the user's own, which isn't data */
  override getConfig(): tf.serialization.ConfigDict {
    const { spec } = this;
    if ("compose" in spec.projection) {
      throw new EnergyError(
        "unsupported",
        `A projection of your own ("${spec.projection.kind}") can't be saved with the model. Remove the regularizer ` +
          "before saving, or add it again after loading.",
      );
    }
    const { seed, name, step, kept } = this.state();
    const config = { ...spec, weight: this.weight, layout: this.layout, state: { seed, name, step, kept } };
    return structuredClone(config) as unknown as tf.serialization.ConfigDict;
  }

  static fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: SavedConfig,
  ): T {
    const { state, ...options } = config;
    const made = new cls(options as tf.serialization.ConfigDict);
    if (state && made instanceof HypersphericalEnergy) {
      const saved = { version: 1, projection: made.spec.projection.kind, ...(state as object) };
      made.restore(saved as EvaluatorState);
    }
    return made;
  }
}

tf.serialization.registerClass(HypersphericalEnergy);

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
  throw new EnergyError("invalid-config", `weight: expected a number ≥ 0, got ${JSON.stringify(weight) ?? weight}.`, {
    path: "weight",
  });
}
