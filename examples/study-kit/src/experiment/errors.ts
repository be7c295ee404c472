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

/** This machine's share is done, and others' runs are missing. */
export class RunsMissingError extends Error {
  override readonly name = "RunsMissingError";

  constructor(
    readonly finished: number,
    readonly total: number,
    folder: string,
  ) {
    super(
      `${finished} of ${total} runs are in ${folder}, this machine's share among them. Run the same command again once the other machines have done theirs.`,
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
