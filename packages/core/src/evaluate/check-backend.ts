/** What stands in the place of a backend is checked at the door, since a forgotten `await` is the commonest mistake there. */
import type { Backend } from "../backend/backend.js";
import { EnergyError } from "../errors/energy-error.js";

/** @throws EnergyError `invalid-config` where it isn't a backend: what it is, and what to write */
export function checkBackend(backend: Backend<never> | Backend<unknown>): void {
  const given = backend as Partial<Backend<unknown> & PromiseLike<unknown>> | (() => unknown) | null | undefined;
  if (typeof given === "object" && typeof given?.pairwise === "function" && typeof given.scope === "function") return;
  throw new EnergyError(
    "invalid-config",
    `backend: expected a backend such as referenceBackend() or wasmBackend() makes, got ${described(given)}.`,
    { path: "backend" },
  );
}

function described(given: unknown): string {
  if (given === undefined || given === null) return "nothing. It is the first argument";
  if (typeof given === "function") return `the function ${given.name || "itself"}. Call it`;
  if (typeof given !== "object") return JSON.stringify(given);
  if (typeof (given as Partial<PromiseLike<unknown>>).then === "function") return "a promise. Await it first";
  return "an object without a backend's operations. The backend is the first argument, the config the second";
}
