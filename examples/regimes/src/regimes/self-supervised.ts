/** `examples/self-supervised` as a regime: what is spread are the embeddings of a batch, not kernels. */
import type { EnergyConfig } from "@comhe/core";
import type { Run as EncoderRun } from "../../../self-supervised/src/result.js";
import type { Spreading } from "../../../self-supervised/src/spread.js";
import { DIGITS_FILE } from "../paths.js";
import type { Regime, TrainingJob } from "./regime.js";
import type { Run } from "./run.js";

const DIMENSION = 8;
const STEPS = 400;

export const selfSupervised: Regime = {
  name: "self-supervised",
  label: "self-supervised embeddings",
  about:
    "1,000 digits without labels, two views of each; encoder 64 – 256 – 256 – 8; the embeddings of a batch of 200, N > d; error of a linear probe",
  needsFashion: false,
  orthogonalityLabel: "covariance",
  grid: {
    learningRates: [],
    weightDecays: [],
    orthogonality: [0.3, 1, 3],
    weights: [0.3, 1, 3],
    projections: [
      [6, 10],
      [6, 20],
    ],
    seeds: 2,
  },
  seeds: 20,
  open: async () => {
    // TensorFlow.js is loaded for this regime alone.
    const { openEncoder } = await import("../../../self-supervised/src/open-encoder.js");
    const train = await openEncoder(DIGITS_FILE);
    return async (job) =>
      runOf(train({ ...spreadingOf(job), dimension: DIMENSION, seed: job.seed, steps: STEPS, picture: false }));
  },
};

function spreadingOf({ energy, weight, orthogonality }: TrainingJob): { spreading: Spreading; weight: number } {
  if (orthogonality) return { spreading: "covariance", weight: orthogonality };
  return energy ? { spreading: { energy: energy as EnergyConfig }, weight: weight! } : { spreading: null, weight: 0 };
}

/** Energies of embeddings would be others than those of kernels: none. */
function runOf({ checkpoints, diverged, seconds }: EncoderRun): Run {
  const { testError, validationError } = checkpoints[checkpoints.length - 1]!;
  return { testError, validationError, diverged, seconds, energyBefore: null, energyAfter: null };
}
