/** Hyperspherical energy in gpu.js kernels: WebGL2, WebGPU, headless GL, WebAssembly and cpu. */
export type { DeviceArray } from "./device/device-array.js";
export type { GpuLike, GpuMode } from "./device/gpu-js.js";
export { type Fallback, type GpujsBackend, type GpujsBackendOptions, gpujsBackend } from "./gpujs-backend.js";
