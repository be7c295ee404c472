/** Options of the wrong name are told where they are given, not where they are missed. */
import { EnergyError } from "./energy-error.js";

/**
 * Refuses options of an unknown name, so that a misspelt one is told where it is given. For backends and bindings.
 *
 * @param where names what has the options, for the message
 * @param known all keys that `options` may have
 * @throws EnergyError `invalid-config` for any other key
 */
export function checkKeys(where: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new EnergyError("invalid-config", `${where}: unknown key "${unknown}", expected ${known.join(", ")}.`, {
    path: unknown,
  });
}
