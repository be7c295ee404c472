/** The float64 backend in plain JavaScript: the oracle the others are measured against. */
import type { Backend } from "../backend/backend.js";
import { hostObjective } from "../objective/host-objective.js";
import type { HostTensor } from "./host-tensor.js";
import { plainBackend } from "./plain-backend.js";

/**
 * The float64 backend in plain JavaScript, the oracle that the others are measured against. Computes on one thread, synchronously, with
 * `separationFloor: 0` allowed, and every objective.
 */
export function referenceBackend(): Backend<HostTensor> {
  return {
    ...plainBackend(),
    objective: (rows, task) => {
      const { value, gradient } = hostObjective(rows.data, rows.shape, task);
      return { value: { data: value, shape: [value.length] }, gradient: { data: gradient, shape: rows.shape } };
    },
  };
}
