/**
 * How threads share a job, in terms of a few int32 words of the shared memory. No imports: the build also turns this file into the source
 * text of a worker, which runs from memory in Node and in browsers.
 *
 * One thread, the caller, opens a gate, wakes the others, does its share, closes the gate and waits until those inside have left. Workers come
 * when they are ready: a worker that starts slowly, or never, delays nobody. Everyone sleeps in `Atomics.wait`; nobody spins.
 *
 * Where the caller may not sleep (a page's main thread), a worker is the caller: the page puts commands into a list in memory, and
 * that worker runs them one after the other and posts a message.
 */

/** Words, as indices of an Int32Array over the whole memory; the kernels have the first three. */
export const words = {
  claimed: 256,
  failed: 257,
  patience: 258,
  /** Grows by one with every job. */
  job: 259,
  /** How many workers are inside, and whether others may enter. */
  gate: 260,
  /** 1: workers end. */
  stop: 261,
  /** Grows by one with every list of commands. */
  list: 262,
  /** Where the list is (bytes), and how many commands it has. */
  listAddress: 263,
  listLength: 264,
  /** Who runs the lists: 0 nobody yet, 1 the leading worker, 2 the page itself, since that worker didn't come. */
  leader: 265,
  /** Bytes of the kernels of statistics, 0 as long as nobody has asked for any. */
  statisticsBytes: 266,
};

/** Float64 index of the command, and the numbers in one of a list; the last says whether it is worth waking others. */
export const commandAt = 256;
export const commandLength = 64;
/** Bytes of one thread's scratch memory; `assembly/tiles.ts` lays it out. */
export const scratchBytes = 0x100000;
/** Commands of the longest list. */
export const longestList = 256;

/**
 * The command whose kernels come later, if they come. Workers sleep, and get no messages: the bytes of those kernels lie in memory, below
 * the arrays, and each worker compiles them when it first meets that command.
 */
export const statisticsCode = 21;
export const statisticsAt = 0x4000;
/** Where they must end. */
export const statisticsEnd = 0x10000;

const open = 1 << 30;
/** Default patience: a minute. */
const tenths = 600;

/** @throws Error where this or another thread failed */
export function runJob(int32: Int32Array, run: (thread: number) => void): void {
  prepareJob(int32);
  Atomics.store(int32, words.gate, open);
  Atomics.add(int32, words.job, 1);
  Atomics.notify(int32, words.job);
  let failure: unknown;
  try {
    run(0);
  } catch (error) {
    failure = error;
    Atomics.store(int32, words.failed, 1);
  }
  Atomics.and(int32, words.gate, ~open);
  let waited = 0;
  for (let inside = Atomics.load(int32, words.gate); inside > 0; inside = Atomics.load(int32, words.gate)) {
    Atomics.wait(int32, words.gate, inside, 100);
    waited = Atomics.load(int32, words.gate) === inside ? waited + 1 : 0;
    if (waited > Atomics.load(int32, words.patience)) Atomics.store(int32, words.failed, 1);
    if (waited > Atomics.load(int32, words.patience)) break;
  }
  if (failure !== undefined) throw failure;
  if (Atomics.load(int32, words.failed) !== 0) throw new Error("a worker thread failed or stopped");
}

/** Sets what a job begins with. */
export function prepareJob(int32: Int32Array): void {
  Atomics.store(int32, words.claimed, 0);
  Atomics.store(int32, words.failed, 0);
  if (Atomics.load(int32, words.patience) === 0) Atomics.store(int32, words.patience, tenths);
}

/** What a worker is started with. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Its number, which is also that of its scratch memory; the caller is 0. */
  readonly thread: number;
}

type Run = (thread: number) => void;

export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Run {
  return (new WebAssembly.Instance(module, { env: { memory } }).exports as { run: Run }).run;
}

/** Runs the command in memory by the kernels that it is of. */
function runnerOf(module: WebAssembly.Module, memory: WebAssembly.Memory, int32: Int32Array): Run {
  const run = instantiate(module, memory);
  const float64 = new Float64Array(int32.buffer);
  let runStatistics: Run | undefined;
  return (thread) => {
    if (float64[commandAt] !== statisticsCode) return run(thread);
    if (!runStatistics) {
      // A copy, since what is shared can't be compiled.
      const bytes = new Uint8Array(int32.buffer, statisticsAt, Atomics.load(int32, words.statisticsBytes)).slice();
      runStatistics = instantiate(new WebAssembly.Module(bytes), memory);
    }
    runStatistics(thread);
  };
}

/** The life of a worker. `post` tells the page that a list is done, or why it isn't. */
export function work({ module, memory, thread }: WorkerStart, post: (message: ListDone) => void): void {
  const int32 = new Int32Array(memory.buffer);
  const run = runnerOf(module, memory, int32);
  if (thread === 0) lead(memory, int32, run, post);
  else help(int32, () => run(thread));
}

function help(int32: Int32Array, run: () => void): void {
  for (let seen = 0; ; ) {
    Atomics.wait(int32, words.job, seen);
    seen = Atomics.load(int32, words.job);
    if (Atomics.load(int32, words.stop) === 1) return;
    if (!enter(int32)) continue;
    try {
      run();
    } catch {
      Atomics.store(int32, words.failed, 1);
    }
    leave(int32);
  }
}

/** Whether the gate was open. */
function enter(int32: Int32Array): boolean {
  let state = Atomics.load(int32, words.gate);
  while (state >= open) {
    const found = Atomics.compareExchange(int32, words.gate, state, state + 1);
    if (found === state) return true;
    state = found;
  }
  return false;
}

function leave(int32: Int32Array): void {
  Atomics.sub(int32, words.gate, 1);
  Atomics.notify(int32, words.gate);
}

export interface ListDone {
  readonly list: number;
  readonly error?: string;
}

/** The caller on a page's behalf. */
function lead(
  memory: WebAssembly.Memory,
  int32: Int32Array,
  run: (thread: number) => void,
  post: (message: ListDone) => void,
): void {
  // Too late: the page has done without, and may be at it.
  if (Atomics.compareExchange(int32, words.leader, 0, 1) !== 0) return;
  // Lists lie in what the memory had from the start: an engine may tell this thread late that another made it grow.
  const float64 = new Float64Array(memory.buffer);
  for (let seen = 0; ; ) {
    Atomics.wait(int32, words.list, seen);
    if (Atomics.load(int32, words.stop) === 1) return;
    seen = Atomics.load(int32, words.list);
    try {
      const first = Atomics.load(int32, words.listAddress) / 8;
      for (let n = 0; n < Atomics.load(int32, words.listLength); n++) {
        const at = first + n * commandLength;
        float64.copyWithin(commandAt, at, at + commandLength);
        if (float64[at + commandLength - 1] === 1) runJob(int32, run);
        else runAlone(int32, run);
      }
      post({ list: seen });
    } catch (error) {
      post({ list: seen, error: String(error) });
    }
  }
}

export function runAlone(int32: Int32Array, run: (thread: number) => void): void {
  prepareJob(int32);
  run(0);
}
