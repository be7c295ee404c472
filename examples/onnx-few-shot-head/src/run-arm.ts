/** One arm on one seed: draws the shots, trains a head, measures it. */
import { type Backend, bestEnergy, createEvaluator, defineEnergy, energyAndGradient, uniformEnergy } from "@comhe/core";
import type { SeededRun } from "@comhe-examples/study-kit";
import type { Arm } from "./arms.js";
import type { Features } from "./features.js";
import { errorOf, initialWeights, trainHead } from "./head.js";
import { CLASSES, drawShots } from "./split.js";

export interface Setting {
  readonly features: Features;
  readonly labels: Uint8Array;
  readonly shots: number;
  readonly steps: number;
}

/** Full space, unprojected, whatever the arm trains: energies of all arms are comparable. */
const measured = defineEnergy({ space: "full" });

export async function runArm<A>(backend: Backend<A>, setting: Setting, arm: Arm, seed: number): Promise<SeededRun> {
  const { features, labels, shots, steps } = setting;
  const { training, validation, test } = drawShots(features, labels, shots, seed);
  const evaluator = arm.energy && createEvaluator(backend, arm.energy, { seed, name: "head" });
  const start = performance.now();
  const head = await trainHead(training, { ...arm.tuned, steps }, seed, evaluator);
  const seconds = (performance.now() - start) / 1000;
  const { dim } = features;
  const energyOf = async (data: Float32Array) =>
    (await energyAndGradient(backend, measured, { data, shape: [CLASSES, dim] })).energy;
  const layer = {
    name: "head",
    count: CLASSES,
    dim,
    floor: bestEnergy(measured.potential, "full", CLASSES, dim) ?? null,
    uniform: uniformEnergy(measured.potential, "full", CLASSES, dim),
    energies: [await energyOf(initialWeights(dim, seed)), await energyOf(head.weights)],
    anglesBefore: [],
    anglesAfter: [],
  };
  const run = {
    testError: errorOf(head, test),
    validationError: errorOf(head, validation),
    trainingLoss: null,
    diverged: !head.weights.every(Number.isFinite),
    seconds,
    layers: [layer],
  };
  return { arm: arm.name, seed, run };
}
