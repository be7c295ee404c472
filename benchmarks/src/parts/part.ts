import type { Candidate } from "../candidates/candidate.js";
import type { LayerTruth } from "../exact/truth.js";
import type { SpeedBook } from "../measure/speed-book.js";

export interface PartOptions {
  readonly candidates: readonly Candidate[];
  /** Only to see that it runs: small cases, few calls. */
  readonly quick: boolean;
  /** Cases whose id contains one of these; absent: all. */
  readonly cases: readonly string[] | undefined;
  readonly seconds: number;
  readonly patience: number;
  readonly book: SpeedBook;
  /** Float64 results by case, where a part has computed them already. */
  readonly truths: Map<string, readonly LayerTruth[]>;
  /** On `performance.now()`'s clock: no case is begun after it. */
  readonly deadline: number;
  /** Multiply-adds of the processor's widest instructions on all threads, GFLOP/s: what shares are of; absent where it isn't known. */
  readonly peak: number | undefined;
}

export function select<C extends { readonly id: string }>(
  all: readonly C[],
  { cases, quick }: Pick<PartOptions, "cases" | "quick">,
): C[] {
  if (cases) return all.filter(({ id }) => cases.some((text) => id.includes(text)));
  return quick ? all.slice(0, 1) : [...all];
}

/** Whether there is time for another case; says so where there isn't. */
export function inTime({ deadline }: Pick<PartOptions, "deadline">, title: string): boolean {
  if (performance.now() < deadline) return true;
  console.log(`skipped: ${title}: the time of --minutes is up; --parts runs the rest on its own`);
  return false;
}
