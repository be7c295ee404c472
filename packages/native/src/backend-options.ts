/** What {@link nativeBackend} takes and gives: the types, apart from what makes them. */
import type { Backend } from "@comhe/core";
import type { NativeArray } from "./backend/arrays.js";
import type { InstructionSet } from "./load-binding.js";

/** Options of {@link nativeBackend}. */
export interface NativeBackendOptions {
  /** How many threads compute, the caller's included; a whole number ≥ 1, of which at most 1024 are used. Default: one for each processor, 16 at most. */
  readonly threads?: number | undefined;
  /**
   * Which vector instructions the kernels use. Default: what the environment variable `COMHE_NATIVE_ISA` names, else the widest that the processor
   * and the system offer.
   */
  readonly isa?: InstructionSet | undefined;
}

/** The backend, with what it runs on. Every operation is computed when it is called; only `statistics` gives a promise. */
export interface NativeBackend extends Backend<NativeArray> {
  /** Which vector instructions the kernels use. */
  readonly isa: InstructionSet;
  /** How many threads large operations are shared by; fewer than asked for where the system gives no more. */
  readonly threads: number;
  /** Measures, in about a twentieth of a second, how fast one thread multiplies and adds by this instruction set, in GFLOP/s. */
  measuredPeak(): number;
  /** Ends the threads and frees their memory; the backend can't be used afterwards. */
  dispose(): void;
}
