/**
 * A linear head, softmax(Wx + b), trained by gradient descent on all of its few examples at once. The regularizer's
 * gradient comes from an evaluator of core, on whatever backend it was made.
 */
import { type Evaluator, randomStream } from "@comhe/core";
import { CLASSES, type Examples } from "./split.js";

export interface HeadSettings {
  readonly weightDecay: number;
  /** Of the energy; 0 for none. */
  readonly weight: number;
  readonly steps: number;
}

export interface Head {
  /** classes × dim: a neuron per row. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly dim: number;
}

const LEARNING_RATE = 10;

/** Minimizes cross-entropy + ½·weightDecay·‖W‖² + weight·energy(W); the learning rate falls to 0 along a cosine. */
export async function trainHead(
  { count, inputs, labels }: Examples,
  { weightDecay, weight, steps }: HeadSettings,
  seed: number,
  evaluator: Evaluator | undefined,
): Promise<Head> {
  const dim = inputs.length / count;
  const weights = initialWeights(dim, seed);
  const bias = new Float32Array(CLASSES);
  const head = { weights, bias, dim };
  for (let step = 0; step < steps; step++) {
    const rate = 0.5 * LEARNING_RATE * (1 + Math.cos((Math.PI * step) / steps));
    const { byWeights, byBias } = lossGradient(head, inputs, labels);
    const energy =
      evaluator && weight > 0 ? await evaluator.evaluate({ data: weights, shape: [CLASSES, dim] }) : undefined;
    for (let n = 0; n < weights.length; n++) {
      const penalty = weightDecay * weights[n]! + (energy === undefined ? 0 : weight * energy.gradient[n]!);
      weights[n] = weights[n]! - rate * (byWeights[n]! + penalty);
    }
    // Inputs have norm 1 and so has the bias's input.
    for (let n = 0; n < CLASSES; n++) bias[n] = bias[n]! - rate * byBias[n]!;
  }
  return head;
}

/** Rows of norm about 1: the energy sees directions, so they must have some. */
export function initialWeights(dim: number, seed: number): Float32Array {
  const weights = randomStream(seed, "head", 0).fillNormal(new Float32Array(CLASSES * dim));
  return weights.map((value) => value / Math.sqrt(dim));
}

/** Of the mean cross-entropy. */
export function lossGradient(head: Head, inputs: Float32Array, labels: Uint8Array) {
  const { dim } = head;
  const byWeights = new Float64Array(CLASSES * dim);
  const byBias = new Float64Array(CLASSES);
  const count = labels.length;
  let loss = 0;
  for (let row = 0; row < count; row++) {
    const scores = scoresOf(head, inputs, row);
    const most = Math.max(...scores);
    const total = scores.reduce((sum, score) => sum + Math.exp(score - most), 0);
    loss += (most + Math.log(total) - scores[labels[row]!]!) / count;
    for (let each = 0; each < CLASSES; each++) {
      const slope = (Math.exp(scores[each]! - most) / total - (each === labels[row] ? 1 : 0)) / count;
      byBias[each]! += slope;
      for (let n = 0; n < dim; n++) byWeights[each * dim + n]! += slope * inputs[row * dim + n]!;
    }
  }
  return { loss, byWeights, byBias };
}

function scoresOf({ weights, bias, dim }: Head, inputs: Float32Array, row: number): number[] {
  return Array.from(bias, (score, each) => {
    for (let n = 0; n < dim; n++) score += weights[each * dim + n]! * inputs[row * dim + n]!;
    return score;
  });
}

/** In percent. */
export function errorOf(head: Head, { count, inputs, labels }: Examples): number {
  let wrong = 0;
  for (let row = 0; row < count; row++) {
    const scores = scoresOf(head, inputs, row);
    if (scores.indexOf(Math.max(...scores)) !== labels[row]) wrong++;
  }
  return (100 * wrong) / count;
}
