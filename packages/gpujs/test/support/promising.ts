/** A gpu.js instance whose kernels all answer with promises. */
import { type GpuLike, type GpuMode, loadGpuJs } from "../../src/device/gpu-js.js";

export async function promising(mode: GpuMode): Promise<GpuLike> {
  const { GPU } = await loadGpuJs();
  const gpu = new GPU({ mode });
  const createKernel = gpu.createKernel.bind(gpu);
  return Object.assign(gpu, {
    createKernel: ((source, settings) => createKernel(source, { ...settings, asyncMode: true })) as typeof createKernel,
  });
}
