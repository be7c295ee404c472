/**
 * Hyperspherical energy in gpu.js kernels: WebGL2, WebGPU, headless GL, WebAssembly and cpu. {@link gpujsBackend} makes the backend that the
 * functions of `@comhe/core` take.
 *
 * @packageDocumentation
 */
export type { DeviceArray } from "./device/device-array.js";
export type { GpuLike, GpuMode } from "./device/gpu-js.js";
export { type Fallback, type GpujsBackend, type GpujsBackendOptions, gpujsBackend } from "./gpujs-backend.js";
