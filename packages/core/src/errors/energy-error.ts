/** Every error this project raises on purpose. */

/**
 * What went wrong.
 *
 * - `invalid-config`: a config is wrong; `details.path` names where.
 * - `invalid-shape`: data and shape don't fit each other, or the shape isn't what the layout or the strategy needs.
 * - `non-finite`: NaN or ±Infinity; `details.row`, `details.column`, `details.value`.
 * - `coincident-neurons`: two neurons coincide and `separationFloor` is 0; `details.rows`.
 * - `unsupported`: the backend can't do what the config asks.
 * - `invalid-file`: a file is damaged, cut short, hostile, or not what it was taken for.
 * - `invalid-state`: a saved state doesn't fit; `details` says how.
 * - `missing-peer`: an optional package isn't installed.
 */
export type EnergyErrorCode =
  | "invalid-config"
  | "invalid-shape"
  | "non-finite"
  | "coincident-neurons"
  | "unsupported"
  | "invalid-file"
  | "invalid-state"
  | "missing-peer";

/** Shared by every copy of this module that a program may hold. */
const marker = Symbol.for("comhe.error.EnergyError");

/** The error that everything here raises on purpose. Its message says what was expected, what was got and what to do. */
export class EnergyError extends Error {
  /** The class's name, as every error has it. */
  override readonly name = "EnergyError";
  /** What kind of error it is, for programs. */
  readonly code: EnergyErrorCode;
  /** The same facts as the message, for programs; which ones depends on the code. */
  readonly details: Readonly<Record<string, unknown>>;

  /**
   * Backends and projections of your own throw it, too.
   *
   * @param code what kind of error it is
   * @param message what was expected, what was got and what to do
   * @param details the same facts for programs
   * @param cause the error that this one explains, if there is one
   */
  constructor(
    code: EnergyErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
    Object.defineProperty(this, marker, { value: true });
  }

  /** `instanceof` that also recognizes an error of another copy of this package. */
  static isInstance(error: unknown): error is EnergyError {
    return typeof error === "object" && error !== null && (error as Record<symbol, unknown>)[marker] === true;
  }
}
