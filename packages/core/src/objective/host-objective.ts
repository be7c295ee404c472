/** Every objective on the host, in float64: one implementation for the reference backend and for adapters that can read
 * their arrays for next to nothing. */
import type { FloatArray, ObjectiveTask, Shape } from "../backend/backend.js";
import { directions, pullback } from "../reference/normalize.js";
import { pairwise } from "../reference/pairwise.js";
import { largestCosine, largestEntry, largestRowSum } from "./coherence.js";
import { gramDeterminant } from "./gram-determinant.js";
import { maximumSeparation } from "./maximum-separation.js";
import { orthogonality } from "./orthogonality.js";
import { restrictedIsometry } from "./restricted-isometry.js";
import type { Result, Rows } from "./rows.js";
import { uniformityPair } from "./uniformity.js";

/** An objective's value and gradient on the host. */
export interface HostObjective {
  /** The objective of each batch entry, `[batch]`. */
  readonly value: Float64Array;
  /** Its gradient with respect to the raw rows, `[batch, N, d]`. */
  readonly gradient: Float64Array;
}

/**
 * Any objective of raw rows `[batch, N, d]`, in float64, in plain JavaScript: what {@link ObjectiveTask.host} calls.
 *
 * @throws EnergyError `coincident-neurons` where the separation floor is 0; `unsupported` for a `gram-determinant` of too many neurons
 */
export function hostObjective(rows: FloatArray, shape: Shape, task: ObjectiveTask): HostObjective {
  const data = rows instanceof Float64Array ? rows : new Float64Array(rows);
  const { objective, normEpsilon } = task;
  switch (objective.kind) {
    case "orthogonality":
      return eachBatch(data, shape, (entry) => orthogonality(entry, objective));
    case "restricted-isometry":
      return eachBatch(data, shape, (entry) => restrictedIsometry(entry, objective, task.start));
    case "coherence":
      if (objective.norm === "cosine") return onDirections(data, shape, normEpsilon, largestCosine);
      return eachBatch(data, shape, objective.norm === "max" ? largestEntry : largestRowSum);
    case "maximum-separation":
      return onDirections(data, shape, normEpsilon, (entry, of, batch) =>
        maximumSeparation(entry, objective, task, of, batch),
      );
    case "gram-determinant":
      return onDirections(data, shape, normEpsilon, (entry, of, batch) =>
        gramDeterminant(entry, objective, task, of, batch),
      );
    case "uniformity": {
      const { energy, gradient } = pairwise(directions({ data, shape }, normEpsilon), uniformityPair(objective, task));
      return logarithm(energy.data, gradient.data);
    }
  }
}

/** f = log E, and E = 0 only where there is no pair at all: then f = 0. */
function logarithm(energy: Float64Array, gradient: Float64Array): HostObjective {
  const size = gradient.length / energy.length;
  return {
    value: energy.map((mean) => (mean === 0 ? 0 : Math.log(mean))),
    gradient: gradient.map((entry, n) => entry / (energy[Math.floor(n / size)]! || 1)),
  };
}

function eachBatch(
  data: Float64Array,
  [batch = 1, count = 1, dim = 1]: Shape,
  compute: (rows: Rows, batch: number) => Result,
): HostObjective {
  const size = count * dim;
  const value = new Float64Array(batch);
  const gradient = new Float64Array(data.length);
  for (let b = 0; b < batch; b++) {
    const result = compute({ data: data.subarray(b * size, (b + 1) * size), count, dim }, b);
    value[b] = result.value;
    gradient.set(result.gradient, b * size);
  }
  return { value, gradient };
}

/** For objectives of directions: their gradient goes through the normalization. */
function onDirections(
  data: Float64Array,
  shape: Shape,
  normEpsilon: number,
  compute: (rows: Rows, of: ReturnType<typeof directions>, batch: number) => Result,
): HostObjective {
  const of = directions({ data, shape }, normEpsilon);
  const { value, gradient } = eachBatch(of.unit.data, shape, (rows, batch) => compute(rows, of, batch));
  return { value, gradient: pullback(of, { data: gradient, shape }).data };
}
