/** Matrices that a strategy improves from step to step: the kept ones, else the given, else drawn ones. */
import type { MatrixBatch } from "../config/types.js";
import { EnergyError } from "../errors/energy-error.js";
import { randomMatrices } from "../random/random-matrices.js";
import type { HostArray, PrepareContext } from "./projection.js";

export function batchOf({ data, shape }: MatrixBatch): HostArray {
  return {
    data: Array.isArray(data) ? Float64Array.from(data) : (data as HostArray["data"]),
    shape: shape.length === 2 ? [1, ...shape] : shape,
  };
}

/** A function for `prepare`: always the same objects while nothing changed. */
export function keptMatrices(
  { dimension, count, initial }: { dimension: number; count: number; initial?: MatrixBatch | undefined },
  kind: string,
): (context: PrepareContext) => HostArray {
  const given = initial && batchOf(initial);
  return ({ dim, kept, previous, random }) => {
    const matrices = kept?.matrices ?? given ?? previous?.prepared.arrays.matrices;
    if (!matrices) return randomMatrices("gaussian", [count, dimension, dim], random(0));
    if (matrices.shape[2] !== dim) {
      throw new EnergyError(
        "invalid-shape",
        `projection "${kind}": its matrices have shape [${matrices.shape.join(", ")}], but the neurons have dimension ` +
          `${dim}. ${kept ? "Use one evaluator (regularizer) for each layer." : "Give an initial matrix that fits."}`,
        { path: "projection.initial" },
      );
    }
    return matrices;
  };
}
