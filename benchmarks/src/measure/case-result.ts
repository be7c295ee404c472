/** What a case's measurement leaves behind, as the files of `results` hold it. */
import type { Errors } from "../exact/errors.js";
import type { Timing } from "../harness.js";

export interface CandidateResult {
  readonly name: string;
  readonly id: string;
  readonly ours: boolean;
  /** Why it wasn't timed. */
  readonly skipped?: string;
  readonly errors?: Errors;
  readonly timing?: Timing;
  /** Nominal, by the median time. */
  readonly gflops?: number;
}

export interface CaseResult {
  readonly id: string;
  readonly title: string;
  readonly count: number;
  readonly dim: number;
  readonly nominalGflop: number;
  readonly candidates: readonly CandidateResult[];
  /** The date, where an earlier run than the file's measured it. */
  readonly measured?: string;
}
