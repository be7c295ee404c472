export type { GpuMode } from "./device/gpu-js.js";
export { type GpujsBackend, type GpujsBackendOptions, gpujsBackend } from "./gpujs-backend.js";
