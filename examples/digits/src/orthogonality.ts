/** The neighbour everyone should compare with: weight·‖WWᵀ − I‖², rows of W being neurons. */
import * as tf from "@tensorflow/tfjs";

interface LayerRegularizer extends tf.serialization.Serializable {
  apply(kernel: tf.Tensor): tf.Scalar;
}

// tfjs-layers accepts subclasses of a base class that it doesn't export; a built-in regularizer leads to it.
type BaseConstructor = Pick<typeof tf.serialization.Serializable, "fromConfig"> & (abstract new () => LayerRegularizer);
const RegularizerBase = Object.getPrototypeOf(tf.regularizers.l2({ l2: 1 }).constructor) as BaseConstructor;

export class Orthogonality extends RegularizerBase {
  static readonly className = "Orthogonality";

  constructor(private readonly options: { readonly weight: number }) {
    super();
  }

  /**
   * A dense kernel K = Wᵀ holds a neuron in each column: weight·‖KᵀK − I‖², gradient 4·weight·K(KᵀK − I). Bound in closed
   * form, and with the transpose made explicit: the wasm backend multiplies transposed matrices several times slower.
   */
  override apply(kernel: tf.Tensor): tf.Scalar {
    const { weight } = this.options;
    const penalty = tf.customGrad((x, save) => {
      const k = x as tf.Tensor2D;
      const excess = tf.sub(tf.matMul(tf.transpose(k), k), tf.eye(k.shape[1]));
      (save as tf.GradSaveFunc)([k, excess]);
      return {
        value: tf.mul(tf.sum(tf.square(excess)), weight),
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
          tf.mul(tf.matMul(saved[0] as tf.Tensor2D, saved[1] as tf.Tensor2D), tf.mul(dy, 4 * weight)),
      };
    });
    return tf.tidy(() => penalty(kernel) as tf.Scalar);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { weight: this.options.weight };
  }
}

tf.serialization.registerClass(Orthogonality);
