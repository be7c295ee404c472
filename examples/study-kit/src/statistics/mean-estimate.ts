import { mean, sampleStandardDeviation } from "simple-statistics";
import { intervalFactor, twoSidedP } from "./student-t.js";

export const CONFIDENCE = 0.95;

/** A mean and how well it is known. One value tells nothing of its spread: the rest is null then. */
export interface MeanEstimate {
  readonly n: number;
  readonly mean: number;
  readonly standardError: number | null;
  /** Ends of the 95 % interval by Student's t. */
  readonly low: number | null;
  readonly high: number | null;
}

export function estimateMean(values: readonly number[]): MeanEstimate {
  const n = values.length;
  const center = mean([...values]);
  if (n < 2) return { n, mean: center, standardError: null, low: null, high: null };
  const standardError = sampleStandardDeviation([...values]) / Math.sqrt(n);
  const half = standardError * intervalFactor(CONFIDENCE, n - 1);
  return { n, mean: center, standardError, low: center - half, high: center + half };
}

/** Two arms on the same seeds, seed by seed: what the seeds have in common drops out. */
export interface PairedDifference extends MeanEstimate {
  /** Two-sided, of "the mean difference is zero". */
  readonly p: number | null;
  /** Seeds on which the first is lower, the second is lower, and neither. */
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
}

/** `values − reference`; entry i of both belongs to the same seed. */
export function pairedDifference(values: readonly number[], reference: readonly number[]): PairedDifference {
  if (values.length !== reference.length) {
    throw new RangeError(
      `Paired values: expected two lists of the same length, got ${values.length} and ${reference.length}.`,
    );
  }
  const differences = values.map((value, i) => value - reference[i]!);
  const estimate = estimateMean(differences);
  return {
    ...estimate,
    p: pairedP(estimate),
    wins: differences.filter((difference) => difference < 0).length,
    losses: differences.filter((difference) => difference > 0).length,
    ties: differences.filter((difference) => difference === 0).length,
  };
}

function pairedP({ mean: difference, standardError, n }: MeanEstimate): number | null {
  if (standardError === null) return null;
  if (standardError === 0) return difference === 0 ? 1 : 0;
  return twoSidedP(difference / standardError, n - 1);
}
