/** A sum of regularizers, since a layer takes one: weight decay beside hyperspherical energy, say. */
import { EnergyError } from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";
import { type LayerRegularizer, RegularizerBase } from "./regularizer-base.js";

interface SavedPart extends tf.serialization.ConfigDict {
  readonly className: string;
  readonly config: tf.serialization.ConfigDict;
}

export class SumRegularizer extends RegularizerBase {
  static className = "SumRegularizer";
  readonly regularizers: readonly LayerRegularizer[];

  constructor({ regularizers }: { readonly regularizers: readonly LayerRegularizer[] }) {
    super();
    this.regularizers = regularizers;
  }

  override apply(weights: tf.Tensor): tf.Scalar {
    return tf.tidy(() => tf.addN(this.regularizers.map((part) => part.apply(weights))));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      regularizers: this.regularizers.map((part) => ({ className: part.getClassName(), config: part.getConfig() })),
    };
  }

  static fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const parts = (config.regularizers as unknown as SavedPart[]).map(deserialize);
    return new cls({ regularizers: parts } as unknown as tf.serialization.ConfigDict);
  }
}

tf.serialization.registerClass(SumRegularizer);

function deserialize({ className, config }: SavedPart): LayerRegularizer {
  const known = tf.serialization.SerializationMap.getMap().classNameMap[className];
  if (!known) {
    throw new EnergyError("invalid-state", `Saved model: regularizer class "${className}" isn't registered.`);
  }
  const [cls, fromConfig] = known;
  return fromConfig(cls, config) as LayerRegularizer;
}

/** The sum of several regularizers, saved and loaded with the model. `undefined` and `null` are left out. */
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
