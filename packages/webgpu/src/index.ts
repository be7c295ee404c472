/**
 * Hyperspherical energy in WGSL kernels: pages, workers, Deno, and Node with Dawn. {@link webgpuBackend} makes the backend that the functions of
 * `@comhe/core` take.
 *
 * @packageDocumentation
 */
export type { DeviceArray } from "./device/device-array.js";
export type { Progress } from "./device/recorder.js";
export { type WebgpuBackend, type WebgpuBackendOptions, webgpuBackend } from "./webgpu-backend.js";
