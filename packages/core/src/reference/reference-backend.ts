/** The float64 backend in plain JavaScript: the oracle the others are measured against. */
import type { Backend } from "../backend/backend.js";
import { hostBackend } from "./host-backend.js";
import type { HostTensor } from "./host-tensor.js";
import type { HostDirections } from "./normalize.js";
import { statistics } from "./statistics.js";

/**
 * The float64 backend in plain JavaScript, which the other backends are measured against. It computes on one thread, synchronously, allows
 * `separationFloor: 0`, and has every objective.
 */
export function referenceBackend(): Backend<HostTensor> {
  return { ...hostBackend(), statistics: (rows, request) => statistics(rows as HostDirections, request) };
}
