/** The contract on gpu.js kernels. */
import type { Backend } from "@comhe/core";
import { tensorBackend } from "@comhe/core/tensor-backend";
import type { DeviceArray } from "./device/device-array.js";
import { Engine } from "./device/engine.js";
import { type GpuLike, type GpuMode, loadGpuJs } from "./device/gpu-js.js";
import { gpujsPrimitives } from "./primitives/primitives.js";

export interface GpujsBackendOptions {
  readonly gpu?: GpuLike | undefined;
  readonly mode?: GpuMode | undefined;
}

export interface GpujsBackend extends Backend<DeviceArray> {
  readonly mode: GpuMode;
  memory(): { readonly arrays: number; readonly bytes: number; readonly kernels: number };
}

export async function gpujsBackend(options: GpujsBackendOptions = {}): Promise<GpujsBackend> {
  const gpujs = await loadGpuJs();
  const mode = options.mode ?? "cpu";
  const gpu = options.gpu ?? new gpujs.GPU({ mode });
  const engine = new Engine({ gpu, gpujs, mode, ownsGpu: options.gpu === undefined });
  const lowered = tensorBackend(gpujsPrimitives(engine), { name: `gpujs-${mode}` });
  return {
    ...lowered,
    mode,
    memory: () => engine.memory(),
    dispose: () => engine.dispose(),
  };
}
