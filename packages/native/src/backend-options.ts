/** What {@link nativeBackend} takes and gives: the types, apart from what makes them. */
import type { Backend } from "@comhe/core";
import type { NativeArray } from "./backend/arrays.js";
import type { InstructionSet } from "./load-binding.js";

/** Options of {@link nativeBackend}. */
export interface NativeBackendOptions {
  /** At most so many threads, the caller's included. Default: one for each processor, 16 at most. */
  readonly threads?: number | undefined;
  /** Default: `COMHE_NATIVE_ISA` where that is set, else the widest that the processor and the system offer. */
  readonly isa?: InstructionSet | undefined;
}

/** The backend, with what it runs on. Everything is computed when it is called, so that nothing is ever a promise but `statistics`. */
export interface NativeBackend extends Backend<NativeArray> {
  readonly isa: InstructionSet;
  /** Threads that large operations are shared by; fewer than asked for where the system gives no more. */
  readonly threads: number;
  /** Multiply-adds that one thread does by this instruction set, in GFLOP/s, measured now, in about a twentieth of a second. */
  measuredPeak(): number;
  /** Ends the threads and frees their memory; the backend can't be used afterwards. */
  dispose(): void;
}
