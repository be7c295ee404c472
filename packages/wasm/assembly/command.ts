/**
 * How the host talks to the kernels. Before a job it writes one command, numbers as float64 in slots, at a fixed address; every
 * thread reads the same command and claims units of work from one counter until there are none left. A job is one call
 * of `run` on each thread, so that nothing but this block is shared besides the arrays themselves.
 */

/** Counter of claimed units, int32. */
export const CLAIMED: usize = 1024;
/** Not 0: a thread failed or stopped, and the others must not wait for it. */
export const FAILED: usize = 1028;
/** For how many tenths of a second a thread waits for another that makes no progress. */
export const PATIENCE: usize = 1032;
/** The slots. */
const COMMAND: usize = 2048;

/** Bytes of one thread's scratch memory; `tiles.ts` lays it out. */
export const SCRATCH_BYTES: usize = 0x100000;

// Every command has its code in slot 0 and the scratch memory of thread 0 in slot 1.
@inline export function real(slot: i32): f64 { return load<f64>(COMMAND + (<usize>slot << 3)); }
@inline export function int(slot: i32): i32 { return <i32>real(slot); }
@inline export function address(slot: i32): usize { return <usize><u32>real(slot); }

/** This thread's scratch memory. */
export function scratchOf(thread: i32): usize { return address(1) + <usize>thread * SCRATCH_BYTES; }

/** The next unit of work; units go to threads in this order, and every unit to one thread. */
export function claim(): i32 { return atomic.add<i32>(CLAIMED, 1); }
