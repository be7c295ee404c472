/** A regime is data, a network and a way to train it; what the arms add is the study's. */
import type { EnergyConfig } from "@comhe/core";
import type { Run } from "./run.js";

export interface Examples {
  readonly count: number;
  /** `[count, width]`. */
  readonly inputs: Float32Array;
  readonly labels: Uint8Array;
}

export interface Split {
  readonly training: Examples;
  /** What settings are chosen on, with seeds that are not reported. */
  readonly validation: Examples;
  readonly test: Examples;
}

/** Where the data lie. */
export interface DataFolders {
  readonly fashion: string;
}

/** What is tried on validation rows. */
export interface Grid {
  /** Empty where a regime has a rate of its own. */
  readonly learningRates: readonly number[];
  /** Empty where a regime has a decay of its own. "None" is the best without, where 0 is among them. */
  readonly weightDecays: readonly number[];
  readonly orthogonality: readonly number[];
  /** Of the energies. */
  readonly weights: readonly number[];
  /** k and C of random projections; the first pair is the one that weights are chosen with. */
  readonly projections: readonly (readonly [dimension: number, count: number])[];
  readonly seeds: number;
}

/** What an arm trains with. */
export interface Settings {
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Of ‖WWᵀ − I‖² of each regularized kernel. */
  readonly orthogonality?: number;
  /** Of each regularized kernel. */
  readonly energy?: EnergyConfig;
  /** The energy's. */
  readonly weight?: number;
}

/** All that a run depends on besides data and code. */
export interface TrainingJob extends Settings {
  readonly regime: string;
  readonly seed: number;
}

export interface Regime {
  readonly name: string;
  readonly label: string;
  /** Data, network and kernels that are regularized, in a line. */
  readonly about: string;
  /** What stands for orthogonality in this regime, where it is something else. */
  readonly orthogonalityLabel?: string;
  /** Whether its data are Fashion-MNIST, which doesn't lie in the repository. */
  readonly needsFashion: boolean;
  readonly grid: Grid;
  /** Paired seeds that are reported, unless the command line says otherwise. */
  readonly seeds: number;
  /** Reads the data; what is returned makes one run. The same job gives the same numbers, in any worker and any order. */
  readonly open: (folders: DataFolders) => Promise<(job: TrainingJob) => Promise<Run>>;
}

/** 64 numbers a row, or whatever the data have. */
export function widthOf({ inputs, count }: Examples): number {
  return inputs.length / count;
}

export function takeExamples(from: Examples, rows: ArrayLike<number>): Examples {
  const width = widthOf(from);
  const inputs = new Float32Array(rows.length * width);
  const labels = new Uint8Array(rows.length);
  for (let n = 0; n < rows.length; n++) {
    const row = rows[n]!;
    inputs.set(from.inputs.subarray(row * width, (row + 1) * width), n * width);
    labels[n] = from.labels[row]!;
  }
  return { count: rows.length, inputs, labels };
}
