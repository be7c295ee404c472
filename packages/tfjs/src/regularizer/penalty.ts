/** weight × energy of a kernel as one differentiable tensor operation, with its schedule. */
import * as tf from "@tensorflow/tfjs-core";
import { firstDerivative, isWithinAnotherGradient } from "./first-derivative.js";
import { type Gate, takeGate } from "./gate.js";
import { tensorOf } from "./host-memory.js";
import type { HostBackend } from "./host-program.js";
import { type HostStep, stepTogether } from "./host-steps.js";
import type { KernelProgram } from "./kernel-program.js";

/**
 * weight × energy with its closed-form gradient: autodiff never sees the pairwise arithmetic, whose powers and angles
 * it would turn to NaN at coincident neurons. Each call is one step of the projection's schedule. Call inside a tidy.
 */
export function penalty(on: KernelProgram, weight: number, kernel: tf.Tensor): tf.Scalar {
  const backend = on.hostBackend;
  return backend ? hostPenalty(on, backend, weight, kernel) : tensorPenalty(on, weight, kernel);
}

function tensorPenalty(on: KernelProgram, weight: number, kernel: tf.Tensor): tf.Scalar {
  const bound = tf.customGrad((x, save) => {
    const { energy, gradient } = on.step(x as tf.Tensor);
    const isTwice = isWithinAnotherGradient();
    (save as tf.GradSaveFunc)(isTwice ? [gradient, x as tf.Tensor] : [gradient]);
    return {
      value: tf.mul(energy, weight),
      gradFunc: (dy: tf.Tensor, [saved, at]: tf.Tensor[]) =>
        tf.mul(isTwice ? firstDerivative(at!, saved!) : saved!, tf.mul(dy, weight)),
    };
  });
  return bound(kernel) as tf.Scalar;
}

/** A kernel whose energy is computed on the host, and how. */
export interface HostTerm extends HostStep {
  /** Of which the kernel is cut where the energies are computed. */
  readonly gate?: Gate | undefined;
}

function hostPenalty(on: KernelProgram, backend: HostBackend, weight: number, kernel: tf.Tensor): tf.Scalar {
  return hostPenalties([{ on, backend, weight, kernel }]);
}

/**
 * The sum of several terms as one operation, since what tfjs spends on an operation and its gradient is more than a small kernel's energy
 * takes. A tensor is made for the value and one for each gradient, and no operation is run. Call inside a tidy.
 */
export function hostPenalties(terms: readonly HostTerm[]): tf.Scalar {
  const matrices = terms.map(({ kernel, gate }) => takeGate(kernel, gate));
  const shapes = matrices.map(({ shape }) => shape);
  const bound = tf.customGrad((...args) => {
    const inputs = args.slice(0, terms.length) as tf.Tensor[];
    const save = args[terms.length] as tf.GradSaveFunc;
    const isTwice = isWithinAnotherGradient();
    if (isTwice) save(inputs);
    // What is differentiated once more is multiplied with the weight by tfjs.
    const steps = terms.map(({ on, backend, weight }, n) => ({
      on,
      backend,
      weight: isTwice ? 1 : weight,
      kernel: inputs[n]!,
    }));
    const energies = stepTogether(steps);
    const value = terms.reduce((sum, { weight }, n) => sum + weight * energies[n]!.energy, 0);
    const gradientOf = (n: number, times: number) =>
      tensorOf(shapes[n]!, (into) => energies[n]!.writeGradient(times, into));
    return {
      value: tensorOf([], (into) => into.fill(value)) as tf.Scalar,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        if (isTwice) {
          return terms.map(({ weight }, n) => tf.mul(firstDerivative(saved[n]!, gradientOf(n, 1)), tf.mul(dy, weight)));
        }
        const times = dy.dataSync()[0]!;
        const gradients = terms.map((_, n) => gradientOf(n, times));
        // tfjs asks once.
        for (const energy of energies) energy.release?.();
        return gradients;
      },
    };
  });
  return bound(...matrices) as tf.Scalar;
}
