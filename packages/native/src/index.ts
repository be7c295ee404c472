/**
 * Hyperspherical energy by the processor's own instructions, for Node: {@link nativeBackend} makes the backend that the functions of
 * `@comhe/core` take. Where no binary loads it says why, and `@comhe/wasm` computes the same, everywhere.
 *
 * @packageDocumentation
 */

export type { NativeArray } from "./backend/arrays.js";
export type { NativeBackend, NativeBackendOptions } from "./backend-options.js";
export { type InstructionSet, instructionSets, measuredPeak } from "./instruction-sets.js";
export { nativeBackend } from "./native-backend.js";
