/** The task loss's gradient on one batch, as tfjs-layers computes it in training, without penalties and without a step. */
import { EnergyError } from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";
import { type LayersModel, Sequential } from "@tensorflow/tfjs-layers";
import { withoutActivationEnergies } from "../activation/energy-layer.js";
import type { KernelSite } from "../model/kernel-site.js";
import { takeGate } from "../regularizer/gate.js";

/** One batch of training, as `trainOnBatch` takes it. */
export interface Batch {
  /** The model's inputs. */
  readonly x: tf.Tensor | readonly tf.Tensor[];
  /** What its outputs should be. */
  readonly y: tf.Tensor | readonly tf.Tensor[];
}

/** The loss of one output of a model, as tfjs has them: whatever tensor it gives, its mean is taken. */
export type LossFunction = (expected: tf.Tensor, predicted: tf.Tensor) => tf.Tensor;

const list = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** @throws EnergyError `invalid-config` for a model that isn't compiled, without a loss of the user's own */
export function lossFunctionsOf(model: LayersModel, own: LossFunction | undefined): readonly LossFunction[] {
  if (own) return model.outputs.map(() => own);
  // Set by compile alone. A sequential model compiles the one inside it.
  const inner = model instanceof Sequential ? (model as unknown as { readonly model?: LayersModel }).model : model;
  const compiled = (inner?.lossFunctions ?? []) as readonly LossFunction[];
  if (compiled.length === model.outputs.length) return compiled;
  throw new EnergyError(
    "invalid-config",
    "suggestWeight: expected a compiled model, or a lossFn of your own. Call model.compile({ optimizer, loss }) first.",
    {
      path: "lossFn",
    },
  );
}

/**
 * ‖∂loss/∂kernel‖ for each kernel, `[kernels]`. The forward pass is that of training (batch norm by the batch, dropout),
 * so that it may move averages: see {@link keepingState}.
 */
export function taskGradientNorms(
  model: LayersModel,
  losses: readonly LossFunction[],
  { x, y }: Batch,
  kernels: readonly Pick<KernelSite, "variable" | "gate">[],
): tf.Tensor1D {
  const targets = list(y);
  if (targets.length !== losses.length || list(x).length !== model.inputs.length) {
    throw new EnergyError(
      "invalid-shape",
      `suggestWeight: expected batches with ${model.inputs.length} input(s) and ${losses.length} target(s), got ` +
        `${list(x).length} and ${targets.length}.`,
    );
  }
  return tf.tidy(() => {
    const variables = kernels.map(({ variable }) => variable.read() as tf.Variable);
    const loss = () => {
      const outputs = list(model.apply([...list(x)], { training: true }) as tf.Tensor | tf.Tensor[]);
      const each = losses.map((of, n) => tf.mean(of(targets[n]!, outputs[n]!)));
      return tf.addN(each) as tf.Scalar;
    };
    const { grads } = withoutActivationEnergies(() => tf.variableGrads(loss, [...new Set(variables)]));
    // A kernel that the loss doesn't depend on has no entry.
    const norms = variables.map(({ name }, n) =>
      grads[name] ? tf.norm(takeGate(grads[name], kernels[n]!.gate)) : tf.scalar(0),
    );
    return tf.stack(norms) as tf.Tensor1D;
  });
}

/** Runs `body`, and puts back the weights that a forward pass in training changes: moving averages. */
export async function keepingState<R>(model: LayersModel, body: () => Promise<R>): Promise<R> {
  const { nonTrainableWeights } = model;
  const before = nonTrainableWeights.map((weight) => weight.read().clone());
  try {
    return await body();
  } finally {
    nonTrainableWeights.forEach((weight, n) => {
      weight.write(before[n]!);
    });
    tf.dispose(before);
  }
}
