/** The contract over tensors of whichever tfjs backend is active: node-gpu, node, webgpu, webgl, wasm or cpu. */
import { type Backend, EnergyError } from "@comhe/core";
import { applySketch, applySketchBack } from "@comhe/core/host-functions";
import { hasTensorObjective, tensorBackend } from "@comhe/core/tensor-backend";
import * as tf from "@tensorflow/tfjs-core";
import { refuseHalfFloat } from "./half-float.js";
import { type HostDirections, hostDirections } from "./host-directions.js";
import { hostObjective, objectiveOnHost } from "./host-objective.js";
import { hostPairwise, hostPairwiseEnergy } from "./host-pairwise.js";
import { tfjsPrimitives } from "./tfjs-primitives.js";

/** Backends that keep their tensors in this process's memory, where plain JavaScript reads them for next to nothing. */
const inHostMemory = new Set(["cpu", "wasm"]);

/** Backends whose tensors can't be read while a step is being put together. */
const asynchronous = new Set(["webgpu"]);

const defaultTileBytes = 64 * 2 ** 20;

/** Options of {@link tfjsBackend}. */
export interface TfjsBackendOptions {
  /** How many bytes the arrays of a tile of pairs may take. No array over all pairs is kept beyond it. Default 64 MiB. */
  readonly tileBytes?: number | undefined;
}

/**
 * Energies and gradients as tensors, on the tfjs backend that is active when it is called (`tf.setBackend`), in float32;
 * `separationFloor: 0` is refused. Handles are tensors, within tfjs's own scopes.
 *
 * @throws EnergyError `missing-peer` where no tfjs backend is registered or active; `unsupported` where tfjs's WebGL computes in 16 bits
 */
export function tfjsBackend(options: TfjsBackendOptions = {}): Backend<tf.Tensor> {
  const active = activeBackend();
  refuseHalfFloat(active);
  const tileBytes = options.tileBytes ?? defaultTileBytes;
  const lowered = tensorBackend(tfjsPrimitives, { name: `tfjs-${active}`, tileBytes });
  if (!inHostMemory.has(active)) {
    return {
      ...lowered,
      objective: (rows, task) =>
        hasTensorObjective(task.objective) || asynchronous.has(active)
          ? lowered.objective!(rows, task)
          : objectiveOnHost(rows, task),
    };
  }
  return {
    ...lowered,
    sketch: (rows, sketch) => {
      const projected = applySketch(sketch, rows.dataSync<"float32">());
      return tf.tensor(projected as Float32Array, [sketch.count, rows.shape[1]!, sketch.dimension]);
    },
    sketchBack: (projected, sketch) => {
      const rows = applySketchBack(sketch, projected.dataSync<"float32">());
      return tf.tensor(rows as Float32Array, [1, projected.shape[1]!, sketch.dim]);
    },
    directions: hostDirections,
    pairwise: ((directions, pair, options) =>
      options?.gradient === false
        ? hostPairwiseEnergy(directions as HostDirections, pair, tileBytes)
        : hostPairwise(directions as HostDirections, pair, tileBytes)) as Backend<tf.Tensor>["pairwise"],
    objective: (rows, task) => hostObjective(rows, task, tileBytes),
  };
}

function activeBackend(): string {
  const name = tf.getBackend();
  if (name) return name;
  throw new EnergyError(
    "missing-peer",
    "tfjsBackend: expected an active tfjs backend, got none. Import one (@tensorflow/tfjs, " +
      "@tensorflow/tfjs-backend-wasm, @tensorflow/tfjs-node …) and `await tf.ready()` first.",
  );
}
