/** The float64 backend without statistics of pairs, which evaluators have no use for: every page has this one. */
import type { Backend } from "../backend/backend.js";
import { hostObjective } from "../objective/host-objective.js";
import type { HostTensor } from "./host-tensor.js";
import { plainBackend } from "./plain-backend.js";

export function hostBackend(): Backend<HostTensor> {
  return {
    ...plainBackend(),
    objective: (rows, task) => {
      const { value, gradient } = hostObjective(rows.data, rows.shape, task);
      return { value: { data: value, shape: [value.length] }, gradient: { data: gradient, shape: rows.shape } };
    },
  };
}
