/** The loss of logits, and how often the largest one is wrong. */

export interface Loss {
  /** The mean over examples. */
  readonly value: number;
  /** By the logits. */
  readonly slope: Float32Array;
}

/** Mean of −log softmax(logits)[label]. */
export function crossEntropy(logits: Float32Array, labels: Uint8Array): Loss {
  const classes = logits.length / labels.length;
  const slope = new Float32Array(logits.length);
  let sum = 0;
  labels.forEach((label, row) => {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    let most = Number.NEGATIVE_INFINITY;
    for (const score of scores) most = Math.max(most, score);
    let total = 0;
    for (const score of scores) total += Math.exp(score - most);
    sum += most + Math.log(total) - scores[label]!;
    scores.forEach((score, c) => {
      slope[row * classes + c] = (Math.exp(score - most) / total - Number(c === label)) / labels.length;
    });
  });
  return { value: sum / labels.length, slope };
}

/** The class of each row's largest logit. */
export function predictions(logits: Float32Array, count: number): Uint8Array {
  const classes = logits.length / count;
  return Uint8Array.from({ length: count }, (_, row) => {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    return scores.indexOf(scores.reduce((most, score) => Math.max(most, score)));
  });
}
