/** Stopped before every run had finished; what had finished is in the log. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";

  constructor(
    readonly finished: number,
    readonly total: number,
  ) {
    super(
      `Interrupted: ${finished} of ${total} runs are finished and kept. Run the same command again to go on with the others.`,
    );
  }
}

/** A run threw, or its worker thread ended without an answer. */
export class RunFailedError extends Error {
  override readonly name = "RunFailedError";

  constructor(arm: string, seed: number, reason: string, options?: ErrorOptions) {
    super(`Arm "${arm}", seed ${seed}: ${reason}`, options);
  }
}
