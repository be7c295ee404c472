/**
 * Closed-form gradients are tensors that tfjs knows nothing about: differentiated once more, as in a gradient penalty or a meta-learning
 * loop, they would count as constants, and the energy's share would be 0 without a word. Here they refuse.
 */
import { EnergyError } from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";

/** Whether a gradient is being taken of what is computed now. */
export function isDifferentiated(): boolean {
  return tf.engine().state.gradientDepth > 0;
}

/** In the forward pass of a closed form: whether the gradient that is being taken is itself inside another one. */
export function isWithinAnotherGradient(): boolean {
  return tf.engine().state.gradientDepth > 1;
}

/**
 * ∂E/∂x as a function of x that can't be differentiated: the same numbers, and an error where tfjs asks for the second derivative.
 * Derivatives of what the gradient is multiplied with go on as they should.
 *
 * @param x as saved by the forward pass
 */
export function firstDerivative(x: tf.Tensor, gradient: tf.Tensor): tf.Tensor {
  const bound = tf.customGrad(() => ({
    value: gradient.clone(),
    gradFunc: () => {
      throw new EnergyError(
        "unsupported",
        "The second derivative of a hyperspherical energy was asked for: its gradient was differentiated once more, by tf.grad of a tf.grad " +
          "for one. Gradients are closed forms and have no derivative here. Take the energy out of what is differentiated twice, and add it " +
          "to the outer loss.",
      );
    },
  }));
  return bound(x);
}
