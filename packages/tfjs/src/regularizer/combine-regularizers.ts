/** A sum of regularizers, since a layer takes one: weight decay beside hyperspherical energy, say. */
import { EnergyError } from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";
import { type LayerRegularizer, RegularizerBase } from "./regularizer-base.js";

/** As tfjs writes an object into a config. */
export interface SavedPart extends tf.serialization.ConfigDict {
  readonly className: string;
  readonly config: tf.serialization.ConfigDict;
}

/** The sum of several regularizers. Made by {@link combineRegularizers}. */
export class SumRegularizer extends RegularizerBase {
  /** The name of the class in saved models. */
  static className = "SumRegularizer";
  /** The regularizers that are summed. */
  readonly regularizers: readonly LayerRegularizer[];

  /** Takes an object, as tfjs hands over a saved config. */
  constructor({
    regularizers,
  }: {
    /** The regularizers to sum. */
    readonly regularizers: readonly LayerRegularizer[];
  }) {
    super();
    this.regularizers = regularizers;
  }

  /** Called by tfjs: the sum of what each regularizer adds to the loss, a differentiable scalar. */
  override apply(weights: tf.Tensor): tf.Scalar {
    return tf.tidy(() => tf.addN(this.regularizers.map((part) => part.apply(weights))));
  }

  /** Called by tfjs where a model is saved: each regularizer with its class. */
  override getConfig(): tf.serialization.ConfigDict {
    return {
      regularizers: this.regularizers.map(savedPart),
    };
  }

  /**
   * Called by tfjs where a model is loaded, with what `getConfig` gave.
   *
   * @throws EnergyError `invalid-state` for a regularizer whose class isn't registered
   */
  static fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const parts = (config.regularizers as unknown as SavedPart[]).map(deserialize);
    return new cls({ regularizers: parts } as unknown as tf.serialization.ConfigDict);
  }
}

tf.serialization.registerClass(SumRegularizer);

/** A regularizer as a part of a config. */
export function savedPart(part: LayerRegularizer): SavedPart {
  return { className: part.getClassName(), config: part.getConfig() };
}

/** @throws EnergyError `invalid-state` for a class that isn't registered */
export function deserialize({ className, config }: SavedPart): LayerRegularizer {
  const known = tf.serialization.SerializationMap.getMap().classNameMap[className];
  if (!known) {
    throw new EnergyError(
      "invalid-state",
      `Saved model: regularizer class "${className}" isn't registered. Import the module that defines it, or register it by tf.serialization.registerClass, before loading.`,
    );
  }
  const [cls, fromConfig] = known;
  return fromConfig(cls, config) as LayerRegularizer;
}

/**
 * Makes one regularizer of several, weight decay and a hyperspherical energy say, since a layer of tfjs takes only one. It is saved and loaded with
 * the model. `undefined` and `null` are left out.
 *
 * @throws EnergyError `invalid-config` where none is left, or one isn't a regularizer
 */
export function combineRegularizers(
  regularizers: readonly (tf.serialization.Serializable | null | undefined)[],
): SumRegularizer {
  const parts = regularizers.filter((part) => part !== null && part !== undefined);
  const wrong = parts.find((part) => typeof (part as Partial<LayerRegularizer>).apply !== "function");
  if (wrong || parts.length === 0) {
    throw new EnergyError("invalid-config", "combineRegularizers: expected at least one regularizer with apply(x).");
  }
  return new SumRegularizer({ regularizers: parts as LayerRegularizer[] });
}
