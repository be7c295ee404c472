/** tfjs on its own engine `webgpu` in Node. */
import * as tf from "@tensorflow/tfjs";

/** The device of tfjs's engine, for backends that share it. */
export interface TfjsEngine {
  readonly device: GPUDevice;
}

/** Where `noGpu` says nothing against it. */
export async function startTfjsEngine(): Promise<TfjsEngine> {
  await import(new URL("./as-in-page.mjs", import.meta.url).href);
  // It registers itself where it finds WebGPU, and nowhere else.
  await import("@tensorflow/tfjs-backend-webgpu");
  if (!(await tf.setBackend("webgpu"))) throw new Error("tfjs starts no engine webgpu here");
  await tf.ready();
  return tf.backend() as unknown as TfjsEngine;
}
