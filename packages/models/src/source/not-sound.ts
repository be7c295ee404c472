import { EnergyError } from "@comhe/core/layouts";

/**
 * What every reader says of a file that its format doesn't allow: what is wrong with it, and what to do.
 *
 * @param kind what the file should be, such as "GGUF file" @param problem a sentence without its full stop
 */
export function notSound(name: string, kind: string, problem: string, cause?: unknown): EnergyError {
  const message = `${name}: not a sound ${kind}: ${problem}. Copy or download the file again, or write it anew.`;
  return new EnergyError("invalid-file", message, {}, cause);
}
