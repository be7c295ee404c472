/**
 * One gate of a recurrent kernel. An LSTM keeps the matrices of its four gates side by side, `[inputs, 4·units]`, a GRU those of three: blocks of
 * the last axis. Neurons of different gates do different things, and are no set to be spread: each gate's matrix has an energy of its own.
 */
import { EnergyError, type Shape } from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";

/** One gate of a recurrent kernel: one of the equal blocks of its last axis. */
export interface Gate {
  /** Which block, from 0 on. */
  readonly index: number;
  /** How many gates lie side by side. */
  readonly count: number;
}

/** @throws EnergyError `invalid-config` */
export function checkGate(gate: Gate | null | undefined): Gate | undefined {
  if (gate === undefined || gate === null) return undefined;
  const { index, count } = gate;
  const isWhole = Number.isSafeInteger(index) && Number.isSafeInteger(count);
  if (isWhole && index >= 0 && index < count) return { index, count };
  throw new EnergyError(
    "invalid-config",
    `gate: expected { index, count } with whole numbers, 0 ≤ index < count, got ${JSON.stringify(gate)}.`,
    { path: "gate" },
  );
}

/** @throws EnergyError `invalid-shape` where the last axis can't be cut into so many gates */
export function gateShape(shape: Shape, { count }: Gate): number[] {
  const size = shape.at(-1) ?? 0;
  if (size % count === 0 && size > 0) return [...shape.slice(0, -1), size / count];
  throw new EnergyError(
    "invalid-shape",
    `gate: expected a kernel whose last axis holds ${count} gates of the same size side by side, got [${shape.join(", ")}].`,
    { path: "gate" },
  );
}

/** The gate's matrix, differentiable. */
export function takeGate(kernel: tf.Tensor, gate: Gate | undefined): tf.Tensor {
  if (!gate) return kernel;
  const shape = gateShape(kernel.shape, gate);
  return tf.slice(kernel, [...shape.slice(1).map(() => 0), gate.index * shape.at(-1)!], shape);
}

/** A gate's gradient in the kernel's shape: 0 for the other gates. */
export function spreadGate(gradient: tf.Tensor, gate: Gate | undefined): tf.Tensor {
  if (!gate) return gradient;
  const size = gradient.shape.at(-1)!;
  const others: [number, number] = [gate.index * size, (gate.count - 1 - gate.index) * size];
  const none = gradient.shape.slice(1).map((): [number, number] => [0, 0]);
  return tf.pad(gradient, [...none, others]);
}
