/**
 * Float64 energies and gradients of a task's layers, computed in a worker: it has the machine's fast plain loops to itself, and
 * compiles them for one element type (see `plain/products.ts`).
 */
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { TaskLayer } from "../task/task.js";

export interface LayerTruth {
  readonly energy: number;
  /** The gradient's rows that were computed: all of a small layer, a spread sample of a large one. */
  readonly rows: Int32Array;
  /** `[rows.length, d]` */
  readonly gradient: Float64Array;
}

export interface TruthRequest {
  readonly layers: readonly TaskLayer[];
  readonly seed: number;
}

/** Layers with the same rows and no projection share one pass over the pairs. */
export async function computeTruth(layers: readonly TaskLayer[], seed: number): Promise<LayerTruth[]> {
  const request: TruthRequest = { layers, seed };
  const worker = new Worker(join(import.meta.dirname, "truth-worker.js"), { workerData: request });
  try {
    return await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", (code) => reject(new Error(`The float64 worker ended with code ${code}.`)));
    });
  } finally {
    await worker.terminate();
  }
}
