/** The options of every session: those of the user, and ours where the user said nothing. */
import type { SessionOptions } from "./runtime.js";

/** `basic`: above it, scales are fused into float32 and transposes into operators of ONNX Runtime's own. */
const defaults: SessionOptions = { graphOptimizationLevel: "basic", logSeverityLevel: 3 };

/** Ends the waiting of a session's threads with its run. */
const stopSpinning = "session.force_spinning_stop";

/**
 * Each session has threads of its own, and after a run they wait for the next one in a busy loop. Energies alone and energies with gradients
 * are two sessions: by turns, each would share the cores with the other's waiting threads. So the threads of ours sleep between runs, unless
 * the user chose how they wait.
 */
export function withDefaults(options: SessionOptions): SessionOptions {
  const { extra = {} } = options;
  const isChosen = [stopSpinning, "session.intra_op.allow_spinning"].some((name) => isSet(extra, name));
  return { ...defaults, ...options, ...(!isChosen && { extra: { ...extra, [stopSpinning]: "1" } }) };
}

/** Whether an option is among `extra`, which spells `"a.b.c"` as nested objects, as one name, or as some of both. */
function isSet(extra: unknown, name: string): boolean {
  if (typeof extra !== "object" || extra === null) return false;
  return Object.entries(extra).some(
    ([key, value]) => key === name || (name.startsWith(`${key}.`) && isSet(value, name.slice(key.length + 1))),
  );
}
