/** Every error this project raises on purpose. The message says what was expected, what was got and what to do. */

export type EnergyErrorCode =
  /** A config is wrong; `details.path` names where. */
  | "invalid-config"
  /** Data and shape don't fit each other, or the shape isn't what the layout or the strategy needs. */
  | "invalid-shape"
  /** NaN or ±Infinity; `details.row`, `details.column`, `details.value`. */
  | "non-finite"
  /** Two neurons coincide and `separationFloor` is 0; `details.rows`. */
  | "coincident-neurons"
  /** The backend can't do what the config asks. */
  | "unsupported"
  /** A file is damaged, cut short, hostile, or not what it was taken for. */
  | "invalid-file"
  /** A saved state doesn't fit; `details` says how. */
  | "invalid-state"
  /** An optional package isn't installed. */
  | "missing-peer";

/** Shared by every copy of this module that a program may hold. */
const marker = Symbol.for("comhe.error.EnergyError");

export class EnergyError extends Error {
  override readonly name = "EnergyError";
  readonly code: EnergyErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

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
