/** The energy alone is the energy with its gradient, for every strategy, and moves no schedule. */
import { expect, test } from "vitest";
import type { EnergyConfig } from "../config/types.js";
import { randomStream } from "../random/random-stream.js";
import { referenceBackend } from "../reference/reference-backend.js";
import { createEvaluator } from "./evaluator.js";

const learned = { dimension: 4, count: 2, steps: 2, through: "unrolled" } as const;
const configs: Record<string, EnergyConfig> = {
  none: { space: "half", normEpsilon: 0.1 },
  random: { projection: { kind: "random", dimension: 5, count: 3, reduce: "max" } },
  hadamard: { space: "half", projection: { kind: "random", dimension: 5, count: 3, distribution: "hadamard" } },
  group: { projection: { kind: "group", groups: 3, shuffle: true } },
  bilateral: { projection: { kind: "bilateral", rank: 4 } },
  pca: { projection: { kind: "pca", dimension: 4 } },
  adversarial: { projection: { kind: "adversarial", ...learned } },
  "angle-preserving": { projection: { kind: "angle-preserving", ...learned } },
  sample: { space: "half", sample: 7 },
  coherence: { objective: { kind: "coherence" } },
};

test.each(Object.entries(configs))("%s", async (_, config) => {
  const data = Float64Array.from(randomStream(1, "alone", 0).fillNormal(new Float32Array(12 * 9)));
  const weights = { data, shape: [12, 9] };
  const evaluator = createEvaluator(referenceBackend(), config, { seed: 4 });
  for (let step = 0; step < 2; step++) {
    const alone = await evaluator.energy(weights);
    expect(evaluator.step).toBe(step);
    const { energy } = await evaluator.evaluate(weights);
    expect(alone).toBeCloseTo(energy, 12);
  }
});
