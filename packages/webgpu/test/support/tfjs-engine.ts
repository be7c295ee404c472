/** tfjs on its own engine `webgpu` in Node: Dawn stands where tfjs looks for a page's `navigator.gpu`, and gives WebGPU's names to it. */
import * as tf from "@tensorflow/tfjs";
import { create, globals } from "webgpu";
import { noGpu } from "./node-gpu.js";

/** The device of tfjs's engine, for backends that share it. */
export interface TfjsEngine {
  readonly device: GPUDevice;
}

/** @throws where `noGpu` says why */
export async function startTfjsEngine(): Promise<TfjsEngine> {
  if (noGpu) throw new Error(noGpu);
  // As `src/device/open-device.ts` asks for it in Node.
  const gpu = create(["disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension"]);
  Object.assign(globalThis, globals);
  const navigator = { gpu, userAgent: `Node ${process.version}`, hardwareConcurrency: 1 };
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  // It registers itself where it finds WebGPU, and nowhere else.
  await import("@tensorflow/tfjs-backend-webgpu");
  if (!(await tf.setBackend("webgpu"))) throw new Error("tfjs starts no engine webgpu here");
  await tf.ready();
  return tf.backend() as unknown as TfjsEngine;
}
