/** Hyperspherical energy in WebAssembly SIMD: the default backend, in Node and in browsers. */
export type { BuildName } from "./kernels/load-kernels.js";
export type { WasmArray } from "./memory/arrays.js";
export { type WasmBackend, type WasmBackendOptions, wasmBackend } from "./wasm-backend.js";
