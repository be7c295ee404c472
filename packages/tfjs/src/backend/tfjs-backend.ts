/** The contract over tensors of whichever tfjs backend is active: node-gpu, node, webgpu, webgl, wasm or cpu. */
import { type Backend, EnergyError } from "@comhe/core";
import { tensorBackend } from "@comhe/core/tensor-backend";
import * as tf from "@tensorflow/tfjs-core";
import { tfjsPrimitives } from "./tfjs-primitives.js";

export interface TfjsBackendOptions {
  /** Bytes for the arrays of a tile of pairs; nothing N×N beyond it lives. Default 64 MiB. */
  readonly tileBytes?: number | undefined;
}

/**
 * Runs on the tfjs backend that is active when it is called (`tf.setBackend`), in float32.
 *
 * @throws EnergyError `missing-peer` where no tfjs backend is registered or active
 */
export function tfjsBackend(options: TfjsBackendOptions = {}): Backend<tf.Tensor> {
  return tensorBackend(tfjsPrimitives, { name: `tfjs-${activeBackend()}`, tileBytes: options.tileBytes });
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
