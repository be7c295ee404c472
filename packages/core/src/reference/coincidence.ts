/** The error for two neurons that coincide where that is infinite. */
import { EnergyError } from "../errors/energy-error.js";

export function coincidence(i: number, j: number, same: boolean): EnergyError {
  const how = same ? "point the same way" : "point in opposite ways";
  return new EnergyError(
    "coincident-neurons",
    `Neurons ${i} and ${j} ${how}: with separationFloor 0 their energy or its gradient is infinite. ` +
      "Use a separationFloor above 0 (the default is 0.01), or remove one of them.",
    { rows: [i, j] },
  );
}
