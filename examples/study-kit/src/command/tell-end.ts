/** How a study's program ends that didn't come to its end. */
import { EnergyError } from "@comhe/core";
import { InterruptedError, RunFailedError, RunsMissingError } from "../experiment/errors.js";
import { INTERRUPTED_EXIT_CODE } from "../experiment/interrupt.js";
import { UserError } from "./user-error.js";

/** Prints why, without a stack where the user did it or can put it right, and sets the exit code. */
export function tellEnd(error: unknown): void {
  const isExpected =
    error instanceof InterruptedError ||
    error instanceof UserError ||
    error instanceof RunFailedError ||
    error instanceof RunsMissingError ||
    EnergyError.isInstance(error);
  console.error(isExpected ? (error as Error).message : error);
  process.exitCode = error instanceof InterruptedError ? INTERRUPTED_EXIT_CODE : 1;
  // Its own share is done, and that was all it was asked for.
  if (error instanceof RunsMissingError) process.exitCode = 0;
}
