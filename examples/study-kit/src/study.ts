/** The vocabulary of a study: arms, and what one trained network of an arm leaves behind. */
import { z } from "zod";

/**
 * `baseline`: what the others are compared with. `energy`: regularized by hyperspherical energy. `neighbour`: another
 * method for the same purpose, shown so that nobody has to take our word.
 */
export const ROLES = ["baseline", "energy", "neighbour"] as const;
export type Role = (typeof ROLES)[number];

export interface ArmInfo {
  readonly name: string;
  readonly label: string;
  readonly role: Role;
  /** The settings that make the arm, in a few words. */
  readonly settings: string;
}

const finite = z.number();
const counts = z.array(z.number().int().nonnegative());

const layerSchema = z.object({
  name: z.string(),
  /** Neurons, and their dimension. */
  count: z.number().int().positive(),
  dim: z.number().int().positive(),
  /** The least energy there can be, where it is known; a layer's energy is measured unprojected, in every arm alike. */
  floor: finite.nullable(),
  /** The expected energy of uniformly random directions. */
  uniform: finite.nullable(),
  /** Energy after each epoch; the first entry is before training. */
  energies: z.array(finite),
  /** Pairs of neurons by angle, in equal bins over 0–180°, before and after training. */
  anglesBefore: counts,
  anglesAfter: counts,
});

export const trainedRunSchema = z.object({
  /** In percent. */
  testError: finite,
  validationError: finite,
  /** Cross-entropy on the training rows at the end, without penalties. */
  trainingLoss: finite.nullable(),
  /** The loss stopped being finite, and training with it: every prediction counts as wrong. */
  diverged: z.boolean(),
  /** Wall time of the training steps alone. */
  seconds: finite,
  layers: z.array(layerSchema),
});

export type TrainedRun = z.infer<typeof trainedRunSchema>;
export type TrainedLayer = TrainedRun["layers"][number];

/** A run as summaries take it: not every study holds back examples to validate on. */
export type SummarizedRun = Omit<TrainedRun, "validationError"> & Partial<Pick<TrainedRun, "validationError">>;

export interface SeededRun {
  readonly arm: string;
  readonly seed: number;
  readonly run: SummarizedRun;
}
