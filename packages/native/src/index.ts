/**
 * Hyperspherical energy in native code, for Node: {@link nativeBackend} creates the backend that the functions of
 * `@comhe/core` take. If no binary loads, its error says why; `@comhe/wasm` computes the same everywhere.
 *
 * @packageDocumentation
 */

export type { NativeArray } from "./backend/arrays.js";
export type { NativeBackend, NativeBackendOptions } from "./backend-options.js";
export { type InstructionSet, instructionSets, measuredPeak } from "./instruction-sets.js";
export { nativeBackend } from "./native-backend.js";
