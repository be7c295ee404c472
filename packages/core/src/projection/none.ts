/** No projection: MHE itself. Liu et al. 2018, eq. 1. */
import type { Projection } from "./projection.js";

export function noProjection(): Projection {
  return {
    kind: "none",
    prepare: () => ({ arrays: {} }),
    compose({ backend, rows, at }) {
      const { energy, gradient } = at(rows);
      return { energy: backend.reduce(energy, "mean").energy, gradient };
    },
    composeEnergy: ({ backend, rows, energyAt }) => ({ energy: backend.reduce(energyAt(rows), "mean").energy }),
  };
}
