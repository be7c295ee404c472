/**
 * Hyperspherical energy in WebAssembly SIMD, on threads where the engine has them: the default backend, in Node and in browsers.
 * {@link wasmBackend} makes the backend that the functions of `@comhe/core` take.
 *
 * @packageDocumentation
 */

export type { WasmBackend, WasmBackendOptions } from "./backend-options.js";
export type { BuildName } from "./kernels/packed-kernels.js";
export type { WasmArray } from "./memory/arrays.js";
export { wasmBackend } from "./wasm-backend.js";
