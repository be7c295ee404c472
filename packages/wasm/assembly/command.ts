/**
 * How the host talks to the kernels. Before a job it writes one command at a fixed address; every thread reads the same command and claims
 * units of work from one counter until there are none left. A job is one call of `run` on each thread, so that nothing but this block
 * is shared besides the arrays themselves. What fields a command has, `src/kernels/commands.ts` says for both sides.
 */
import { CLAIMED, COMMAND, HeaderFields, SCRATCH_BYTES } from "../generated/assembly/command-fields";

/** The command, by its class of `generated/assembly/command-fields.ts`. */
// @ts-ignore: decorator
@inline export function commandAs<T>(): T { return changetype<T>(COMMAND); }

/** This thread's scratch memory. */
export function scratchOf(thread: i32): usize { return commandAs<HeaderFields>().scratch + <usize>thread * SCRATCH_BYTES; }

/** The next unit of work; units go to threads in this order, and every unit to one thread. */
export function claim(): i32 { return atomic.add<i32>(CLAIMED, 1); }
