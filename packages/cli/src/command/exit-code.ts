/** What the exit code says to a script, and how errors become one. */
import { printable } from "@comhe/audit/text";
import { EnergyError } from "@comhe/core/layouts";

export const ExitCode = { ok: 0, gate: 1, usage: 2, input: 3, interrupted: 130 } as const;

/** Something in the command line that the user can put right. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const usageCodes = new Set(["invalid-config", "missing-peer", "unsupported"]);

/** Prints the message alone for what was foreseen; anything else is a bug, and shows its stack. */
export function reportError(error: unknown): number {
  // Messages quote names from files: no control characters reach the terminal.
  const show = ({ message }: Error) =>
    process.stderr.write(
      `${message
        .split("\n")
        .map((line) => `comhe: ${printable(line)}\n`)
        .join("")}`,
    );
  if (error instanceof UsageError) {
    show(error);
    return ExitCode.usage;
  }
  if (EnergyError.isInstance(error)) {
    show(error);
    return usageCodes.has(error.code) ? ExitCode.usage : ExitCode.input;
  }
  throw error;
}
