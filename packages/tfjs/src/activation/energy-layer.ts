/**
 * Energy of activations within `fit`. tfjs has a layer option for it, `activityRegularizer`, and refuses it (4.22: "not supported yet"). So
 * this is a layer: it passes its input on, and adds the input's energy to the losses that tfjs sums up behind each forward pass.
 */
import type { EnergyConfig, Layout } from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import { isDifferentiated } from "../regularizer/first-derivative.js";
import type { HostBackend } from "../regularizer/host-program.js";
import { HypersphericalEnergy } from "../regularizer/hyperspherical-energy.js";

/** The shape of a layer's input or output as tfjs writes it: the batch, whose size isn't known yet, is `null`. */
export type LayerShape = (number | null)[];

/** Of what tfjs lets every layer have, what makes sense for one without weights. */
interface LayerArguments {
  /** The layer's name. Default: tfjs makes one up. */
  readonly name?: string;
  /** The shape of an input without the batch, for the first layer of a model. */
  readonly inputShape?: LayerShape;
  /** The shape of an input with the batch, for the first layer of a model; instead of `inputShape`. */
  readonly batchInputShape?: LayerShape;
}

/** Options of {@link energyLayer}: an energy, its weight in the loss, and those of every tfjs layer. */
export interface EnergyLayerOptions extends EnergyConfig, LayerArguments {
  /** What the energy is multiplied by in the loss; ≥ 0, without a default. */
  readonly weight: number;
  /**
   * Which axes of the input count the points whose energy is taken. Default `"neurons-first"`: each example of the batch is a point, with all its
   * numbers in a row. With `{ neuronAxes: [0, 1] }` every token of every sentence in `[batch, tokens, d]` is one.
   */
  readonly layout?: Layout | undefined;
  /** A whole number ≥ 0 that fixes the random projections. Default 0. */
  readonly seed?: number | undefined;
  /** Computes the energy instead of tfjs: see {@link HypersphericalEnergyOptions.backend}. Default: tfjs computes. */
  readonly backend?: HostBackend | undefined;
  /** The layer's name, which tells its random projections apart from those of other layers. Default: tfjs makes one up. */
  readonly name?: string;
}

/** Whether forward passes in training go by without energies. */
let areIdle = false;

/**
 * Runs `body` while no layer adds its energy, or moves its schedule.
 * @internal
 */
export function withoutActivationEnergies<R>(body: () => R): R {
  areIdle = true;
  try {
    return body();
  } finally {
    areIdle = false;
  }
}

/** What the constructor of {@link EnergyLayer} takes. */
export interface EnergyLayerArguments extends LayerArguments {
  /** The energy of the layer's input, with its weight in the loss. */
  readonly energy: HypersphericalEnergy;
}

interface SavedLayer extends tf.serialization.ConfigDict {
  readonly energy: tf.serialization.ConfigDict;
}

/** The layer that {@link energyLayer} makes: it passes its input on, and in training adds the energy of it to the loss. */
export class EnergyLayer extends layers.Layer {
  /** The name of the class in saved models. */
  static className = "EnergyLayer";

  /** The energy of the layer's input, with its weight in the loss and the step at which its projections are. */
  readonly energy: HypersphericalEnergy;
  /** Of the forward passes in training since the losses were last summed up, within one gradient. */
  private penalties: tf.Scalar[] = [];
  /** What tfjs records that gradient on. */
  private tape: unknown;

  /** Takes the energy ready-made; users take {@link energyLayer}. */
  constructor({ energy, ...args }: EnergyLayerArguments) {
    super(args);
    this.energy = energy;
    this.addLoss(() => this.penalty());
  }

  /** Called by tfjs: the shape of the output, which is that of the input. */
  override computeOutputShape(inputShape: LayerShape | LayerShape[]): LayerShape | LayerShape[] {
    return inputShape;
  }

  /** Called by tfjs: passes the input on. Where a gradient is taken in training, its penalty is added when the losses are summed up. */
  override call(
    inputs: tf.Tensor | tf.Tensor[],
    kwargs: {
      /** Whether the model is being trained. Default false. */
      readonly training?: boolean;
    },
  ): tf.Tensor | tf.Tensor[] {
    const input = Array.isArray(inputs) ? inputs[0]! : inputs;
    if (kwargs?.training && isDifferentiated() && !areIdle) {
      this.forgetOthers();
      // A model inside another one disposes of what its forward pass made.
      this.penalties.push(tf.keep(this.energy.apply(input)));
    }
    return input;
  }

  /** Called by tfjs where a model is saved: what is saved of the layer. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), energy: this.energy.getConfig() };
  }

  /** Called by tfjs where a model is loaded, with what `getConfig` gave. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const { energy, ...args } = config as SavedLayer;
    const made = HypersphericalEnergy.fromConfig(HypersphericalEnergy as never, energy);
    return new cls({ ...args, energy: made } as never);
  }

  /** As every layer's; frees what the energy keeps on the device. */
  override dispose(): ReturnType<layers.Layer["dispose"]> {
    this.energy.dispose();
    this.tape = undefined;
    this.forgetOthers();
    return super.dispose();
  }

  /** The sum over forward passes; 0 where none was made in training, within the gradient that is being taken. */
  private penalty(): tf.Scalar {
    this.forgetOthers();
    const sum = this.penalties.length === 0 ? tf.scalar(0) : (tf.addN(this.penalties) as tf.Scalar);
    tf.dispose(this.penalties.splice(0));
    return sum;
  }

  /** Penalties of a gradient that was taken without them: of a loop that doesn't add them, say. */
  private forgetOthers(): void {
    const { activeTape } = tf.engine().state;
    if (this.tape !== activeTape) tf.dispose(this.penalties.splice(0));
    this.tape = activeTape;
  }
}

tf.serialization.registerClass(EnergyLayer);

/**
 * A layer that passes its input on and adds weight × energy of it to the loss: of the embeddings of a batch, say, which it spreads over the
 * sphere. It acts in `fit` and `trainOnBatch`, and in a loop of one's own by `modelPenalty` behind `model.apply(x, { training: true })`; not
 * in `predict` and `evaluate`. Each forward pass is a step of its schedule. It is saved and loaded with the model, its schedule included.
 *
 * @throws EnergyError `invalid-config` for wrong options
 */
export function energyLayer(options: EnergyLayerOptions): EnergyLayer {
  const { inputShape, batchInputShape, name, layout = "neurons-first", ...energy } = options ?? {};
  // tfjs tells a key that is there from one that isn't.
  const given = Object.entries({ inputShape, batchInputShape, name }).filter(([, value]) => value !== undefined);
  return new EnergyLayer({
    ...Object.fromEntries(given),
    energy: new HypersphericalEnergy({ ...energy, layout, name }),
  });
}
