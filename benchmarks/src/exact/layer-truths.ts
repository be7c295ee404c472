import { createEvaluator, type PairSpec } from "@comhe/core";
import { plainBackend } from "../plain/plain-backend.js";
import type { TaskLayer } from "../task/task.js";
import { exactPairwise } from "./exact-pairwise.js";
import type { LayerTruth, TruthRequest } from "./truth.js";

/** Rows of a large layer whose gradient is computed. */
const sample = 128;

export async function layerTruths({ layers, seed }: TruthRequest): Promise<LayerTruth[]> {
  const truths: LayerTruth[] = [];
  for (const [index, layer] of layers.entries()) {
    if (truths[index]) continue;
    if (layer.spec.projection.kind !== "none") {
      truths[index] = await projected(layer, seed);
      continue;
    }
    const alike = layers.flatMap((other, at) => (at >= index && sameRows(other, layer) ? [at] : []));
    const pairs = alike.map((at) => pairSpec(layers[at]!));
    const results = exactPairwise(Float64Array.from(layer.data), layer.count, layer.dim, pairs, sample);
    for (const [n, at] of alike.entries()) truths[at] = results[n]!;
  }
  return truths;
}

function sameRows(a: TaskLayer, b: TaskLayer): boolean {
  return (
    b.spec.projection.kind === "none" &&
    a.spec.projection.kind === "none" &&
    a.name === b.name &&
    a.data.length === b.data.length &&
    a.count === b.count
  );
}

function pairSpec({ spec: { potential, space, separationFloor } }: TaskLayer): PairSpec {
  if (!potential) throw new Error("The benchmarks measure potentials.");
  return { potential, space, separationFloor };
}

async function projected({ name, data, count, dim, spec }: TaskLayer, seed: number): Promise<LayerTruth> {
  const evaluator = createEvaluator(plainBackend("float64"), spec, { seed, name });
  const { energy, gradient } = await evaluator.evaluate({ data: Float64Array.from(data), shape: [count, dim] });
  return { energy, rows: Int32Array.from({ length: count }, (_, row) => row), gradient: gradient as Float64Array };
}
