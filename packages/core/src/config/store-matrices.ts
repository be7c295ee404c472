/** Matrices in a projection's config: checked, and stored as plain numbers, so that the spec is JSON. */
import { EnergyError } from "../errors/energy-error.js";
import type { MatrixBatch, ProjectionConfig, ProjectionInput } from "./types.js";

/** Keys that hold a matrix, in any projection. */
const matrixKeys = ["matrices", "initial", "right", "left"] as const;

/** @param given what the user wrote, to tell a default from a contradiction */
export function storeMatrices(projection: ProjectionConfig, given: ProjectionInput | undefined): ProjectionConfig {
  const stored: Record<string, unknown> = { ...projection };
  for (const key of matrixKeys) {
    const batch = stored[key] as MatrixBatch | undefined;
    if (batch !== undefined) stored[key] = storeMatrix(batch, `projection.${key}`);
  }
  const result = stored as unknown as ProjectionConfig;
  if ("initial" in result && result.initial) return withShapeOf(result, result.initial, given);
  if (result.kind === "bilateral" && (result.left === undefined) !== (result.right === undefined)) {
    const [present, absent] = result.left ? ["left", "right"] : ["right", "left"];
    throw invalid(
      `projection.${absent}`,
      `expected a matrix beside projection.${present}, got nothing: give both, or neither`,
    );
  }
  return result;
}

function storeMatrix({ data, shape }: MatrixBatch, path: string): MatrixBatch {
  const expected = shape.reduce((product, size) => product * size, 1);
  if (data.length !== expected) {
    throw invalid(`${path}.data`, `expected ${expected} numbers for shape [${shape.join(", ")}], got ${data.length}`);
  }
  const wrong = data.findIndex((entry) => !Number.isFinite(entry));
  if (wrong >= 0) throw invalid(`${path}.data`, `expected finite numbers, got ${data[wrong]} at index ${wrong}`);
  return { data: Array.from(data), shape };
}

/** `dimension` and `count` are those of `initial`; saying otherwise is a contradiction. */
function withShapeOf<P extends ProjectionConfig & { dimension: number; count: number }>(
  projection: P,
  { shape }: MatrixBatch,
  given: ProjectionInput | undefined,
): P {
  const [count, dimension] = shape.length === 2 ? [1, shape[0]] : shape;
  const asked = given as { dimension?: number; count?: number } | undefined;
  for (const [key, size] of [
    ["dimension", dimension],
    ["count", count],
  ] as const) {
    const wanted = asked?.[key];
    if (wanted === undefined || wanted === size) continue;
    throw invalid(`projection.${key}`, `expected ${size}, that of projection.initial, got ${wanted}`);
  }
  return { ...projection, dimension, count };
}

function invalid(path: string, problem: string): EnergyError {
  return new EnergyError("invalid-config", `${path}: ${problem}.`, { path });
}
