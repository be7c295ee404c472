/** Runs checks where no test runner is: a failure is an outcome, and the next check runs. */
import type { Backend } from "@comhe/core";
import type { Check } from "./check.js";

/** What one check found. */
export interface Outcome {
  /** The check's name. */
  readonly name: string;
  /** How many cases ran. */
  readonly cases: number;
  /** How many milliseconds all of them took. */
  readonly ms: number;
  /** Which cases fail, and how; `undefined` where all pass. */
  readonly error: string | undefined;
}

/**
 * Runs checks one after another on one backend, without a test runner: a failure is an outcome, and the next check runs.
 *
 * @param told is called with each outcome as soon as it is there, for progress
 * @returns the outcomes, in the order of the checks; plain data, so that a page can hand them to the test that drives it
 */
export async function runChecks<A>(
  checks: Iterable<Check>,
  backend: Backend<A>,
  told?: (outcome: Outcome) => void,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const check of checks) {
    const started = performance.now();
    const error = await check.run(backend).then(
      () => undefined,
      (thrown: Error) => thrown.message,
    );
    const ms = performance.now() - started;
    const outcome = { name: check.name, cases: check.cases.length, ms, error };
    outcomes.push(outcome);
    told?.(outcome);
  }
  return outcomes;
}
