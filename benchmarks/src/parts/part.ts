import type { Candidate } from "../candidates/candidate.js";
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
}

export function select<C extends { readonly id: string }>(
  all: readonly C[],
  { cases, quick }: Pick<PartOptions, "cases" | "quick">,
): C[] {
  if (cases) return all.filter(({ id }) => cases.some((text) => id.includes(text)));
  return quick ? all.slice(0, 1) : [...all];
}
