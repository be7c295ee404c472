/** The arms in numbers, paired by seed with one of them. */
import {
  type ArmInfo,
  estimateMean,
  type MeanEstimate,
  type PairedDifference,
  pairedDifference,
} from "@comhe-examples/study-kit";
import { last, type Run } from "./result.js";

export interface ArmRuns<A extends ArmInfo = ArmInfo> {
  readonly arm: A;
  /** By seed, the same seeds for every arm. */
  readonly runs: readonly Run[];
}

export interface Summary<A extends ArmInfo = ArmInfo> extends ArmRuns<A> {
  readonly testError: MeanEstimate;
  readonly testErrors: readonly number[];
  readonly validationError: MeanEstimate;
  /** Against the arm that the others are compared with; null for itself, or without one. */
  readonly difference: PairedDifference | null;
  /** Means over seeds, at each checkpoint. */
  readonly course: readonly { readonly step: number; readonly testError: number; readonly energy: number }[];
  readonly seconds: number;
  readonly diverged: number;
}

export function summarizeArms<A extends ArmInfo>(all: readonly ArmRuns<A>[]): Summary<A>[] {
  const errorsOf = ({ runs }: ArmRuns<A>) => runs.map((run) => last(run).testError);
  const reference = all.find(({ arm }) => arm.role === "baseline");
  return all.map((each) => {
    const { arm, runs } = each;
    const testErrors = errorsOf(each);
    return {
      arm,
      runs,
      testErrors,
      testError: estimateMean(testErrors),
      validationError: estimateMean(runs.map((run) => last(run).validationError)),
      difference: !reference || reference === each ? null : pairedDifference(testErrors, errorsOf(reference)),
      course: courseOf(runs.filter((run) => !run.diverged)),
      seconds: mean(runs.map(({ seconds }) => seconds)),
      diverged: runs.filter((run) => run.diverged).length,
    };
  });
}

function courseOf(runs: readonly Run[]): Summary["course"] {
  return (runs[0]?.checkpoints ?? []).map(({ step }, n) => {
    const at = runs.map(({ checkpoints }) => checkpoints[n]!);
    return { step, testError: mean(at.map((each) => each.testError)), energy: mean(at.map((each) => each.energy)) };
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
