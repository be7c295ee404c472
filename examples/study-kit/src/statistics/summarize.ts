/** A study in numbers: one row per arm. Everything the table, the sentences and the report say comes from here. */
import type { ArmInfo, SeededRun, SummarizedRun } from "../study.js";
import { estimateMean, type MeanEstimate, type PairedDifference, pairedDifference } from "./mean-estimate.js";

export interface ArmSummary {
  readonly arm: ArmInfo;
  readonly testError: MeanEstimate;
  readonly testErrors: readonly number[];
  /** Absent where a run has none. */
  readonly validationError?: MeanEstimate;
  readonly seconds: MeanEstimate;
  readonly diverged: number;
  /** Against the baseline; null for the baseline, or without one. */
  readonly difference: PairedDifference | null;
  /** Mean over layers and seeds. */
  readonly energyBefore: number;
  readonly energyAfter: number;
  readonly layers: readonly LayerSummary[];
}

export interface LayerSummary {
  readonly name: string;
  readonly count: number;
  readonly dim: number;
  readonly floor: number | null;
  readonly uniform: number | null;
  /** Mean over seeds, by epoch. */
  readonly energies: readonly number[];
  readonly before: number;
  readonly after: number;
  /** Sums over seeds, by bin of angle. */
  readonly anglesBefore: readonly number[];
  readonly anglesAfter: readonly number[];
}

/** Runs may come in any order; every arm must have the same seeds. */
export function summarize(arms: readonly ArmInfo[], runs: readonly SeededRun[]): ArmSummary[] {
  const runsOf = (arm: ArmInfo) => runs.filter((run) => run.arm === arm.name).sort((a, b) => a.seed - b.seed);
  const errorsOf = (arm: ArmInfo) => runsOf(arm).map(({ run }) => run.testError);
  const baseline = arms.find(({ role }) => role === "baseline");
  return arms.map((arm) => {
    const trained = runsOf(arm).map(({ run }) => run);
    const testErrors = errorsOf(arm);
    const layers = trained[0]!.layers.map((_, layer) => summarizeLayer(trained, layer));
    return {
      arm,
      testError: estimateMean(testErrors),
      testErrors,
      ...validation(trained),
      seconds: estimateMean(trained.map(({ seconds }) => seconds)),
      diverged: trained.filter(({ diverged }) => diverged).length,
      difference: baseline === undefined || baseline === arm ? null : pairedDifference(testErrors, errorsOf(baseline)),
      energyBefore: average(layers.map(({ before }) => before)),
      energyAfter: average(layers.map(({ after }) => after)),
      layers,
    };
  });
}

function validation(trained: readonly SummarizedRun[]): Pick<ArmSummary, "validationError"> {
  const errors = trained.flatMap(({ validationError }) => validationError ?? []);
  return errors.length < trained.length ? {} : { validationError: estimateMean(errors) };
}

function summarizeLayer(trained: readonly SummarizedRun[], index: number): LayerSummary {
  const layers = trained.map((run) => run.layers[index]!);
  const { name, count, dim, floor, uniform } = layers[0]!;
  // A run that diverged has fewer epochs; the others still make a mean.
  const epochs = Math.max(...layers.map(({ energies }) => energies.length));
  const energies = Array.from({ length: epochs }, (_, epoch) =>
    average(layers.flatMap((layer) => layer.energies[epoch] ?? [])),
  );
  return {
    name,
    count,
    dim,
    floor,
    uniform,
    energies,
    before: average(layers.map((layer) => layer.energies[0]!)),
    after: average(layers.map((layer) => layer.energies[layer.energies.length - 1]!)),
    anglesBefore: addUp(layers.map(({ anglesBefore }) => anglesBefore)),
    anglesAfter: addUp(layers.map(({ anglesAfter }) => anglesAfter)),
  };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function addUp(histograms: readonly (readonly number[])[]): number[] {
  return histograms[0]!.map((_, bin) => histograms.reduce((sum, histogram) => sum + histogram[bin]!, 0));
}
