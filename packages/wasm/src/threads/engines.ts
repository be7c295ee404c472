/**
 * The three ways to run commands: on this thread alone; on this thread with the help of workers; and, on a page's main thread, which may not
 * sleep, by workers alone, when results are asked for.
 */
import { EnergyError } from "@comhe/core/pair-functions";
import { scratchSlot, writers } from "../../generated/write-commands.js";
import type { CommandFields, CommandName } from "../kernels/commands.js";
import type { Kernels } from "../kernels/load-kernels.js";
import type { Heap } from "../memory/heap.js";
import { Crew } from "./crew.js";
import {
  commandAt,
  commandLength,
  type ListDone,
  longestList,
  runAlone,
  runJob,
  scratchBytes,
  words,
} from "./protocol.js";

export interface Engine {
  /**
   * Runs a command, or lets it wait for its turn.
   *
   * @param flops what it costs, about
   */
  run<N extends CommandName>(name: N, fields: CommandFields<N>, flops?: number): void;
  /** Runs something on the host, after the commands before it. */
  host(task: () => void): void;
  /** Runs something, frees memory say, once the commands before it have run. */
  later(task: () => void): void;
  /** Runs what waits. A promise where that takes other threads. */
  settle(): Promise<void> | undefined;
  /** How many threads compute what is large: 1 from when workers turn out not to start. */
  threads(): number;
  dispose(): void;
}

/** Below so many flops, waking others costs more than their help is worth. */
const worthSharing = 20e6;

export function singleEngine(heap: Heap, kernels: Kernels): Engine {
  const scratch = heap.allocate(scratchBytes);
  const run = (thread: number) => kernels.run(thread);
  return {
    run(name, fields) {
      writers[name](heap.views.float64, commandAt, scratch, fields);
      runAlone(heap.views.int32, run);
    },
    host: (task) => task(),
    later: (task) => task(),
    settle: () => undefined,
    threads: () => 1,
    dispose() {},
  };
}

function workerFailure(cause: unknown): EnergyError {
  return new EnergyError(
    "unsupported",
    "wasmBackend: a worker thread failed or stopped, so this result is lost. Later calls run on one thread; " +
      "if it happens again, use wasmBackend({ threads: 1 }).",
    {},
    cause,
  );
}

export interface ThreadedOptions {
  readonly heap: Heap;
  readonly kernels: Kernels;
  readonly module: WebAssembly.Module;
  /** At least 2. */
  readonly threads: number;
  /** Flops from which on an operation is shared. */
  readonly leastShared?: number | undefined;
  /** Milliseconds that a page waits for its leading worker to come, before it does the work itself. */
  readonly patience?: number | undefined;
  /** Told once that workers can't start, where they can't. */
  readonly warn: (message: string) => void;
}

/** Workers start with the first job that is worth it. */
export function threadedEngine(options: ThreadedOptions): Engine {
  const { heap, kernels, module, threads, leastShared = worthSharing, warn } = options;
  let scratch = heap.allocate(scratchBytes);
  let usable = true;
  const run = (thread: number) => kernels.run(thread);
  // Nobody waits for a helper that doesn't come: one that ended before it came in is missed by nobody. Without any, doors stay shut.
  let helpers = threads - 1;
  const onError = (_: number, error: Error) => {
    helpers--;
    if (helpers > 0) return;
    usable = false;
    crew.refuse(error);
  };
  const crew = new Crew({ heap, module, from: 1, to: threads, onMessage() {}, onError, warn });
  const start = () => {
    const larger = heap.allocate(scratchBytes * threads);
    usable = crew.start();
    heap.free(usable ? scratch : larger, scratchBytes * (usable ? 1 : threads));
    if (usable) scratch = larger;
    return usable;
  };
  const dispose = () => {
    usable = false;
    crew.stop();
  };
  return {
    run(name, fields, flops = 0) {
      const isShared = usable && flops >= leastShared && (crew.isRunning || start());
      writers[name](heap.views.float64, commandAt, scratch, fields);
      if (!isShared) return runAlone(heap.views.int32, run);
      try {
        runJob(heap.views.int32, run);
      } catch (error) {
        dispose();
        throw workerFailure(error);
      }
    },
    threads: () => (usable ? threads : 1),
    host: (task) => task(),
    later: (task) => task(),
    settle: () => undefined,
    dispose,
  };
}

interface WaitingCommand {
  /** Its slots, whose scratch memory is chosen when its turn comes. */
  readonly row: Float64Array;
  readonly flops: number;
}

/** Commands and, in their order among them, tasks of the host. */
type Waiting = WaitingCommand | (() => void);

/** What waits, and what is to run after it. */
interface Batch {
  readonly queue: Waiting[];
  readonly after: (() => void)[];
}

/** Commands wait until results are asked for. Then few of them run here, and many on the workers, one of which leads. */
export function queuedEngine(options: ThreadedOptions): Engine {
  const { heap, kernels, module, threads, leastShared = worthSharing, patience = 10_000, warn } = options;
  // First of all, so that it lies where the leading worker can read it whatever it knows of the memory's growth.
  const listAddress = heap.allocate(longestList * commandLength * 8);
  const scratchAlone = heap.allocate(scratchBytes);
  let scratch = 0;
  let waiting: Batch = { queue: [], after: [] };
  let usable = true;
  /** Ends when everything handed over has run. */
  let busy: Promise<void> | undefined;
  /** `resolve`: whether the list has run. */
  let pending: { resolve(done: boolean): void; reject(error: unknown): void } | undefined;

  const settlePending = (how: (caller: NonNullable<typeof pending>) => void) => {
    const caller = pending;
    pending = undefined;
    if (caller) how(caller);
  };
  const fail = (cause: unknown) => {
    dispose();
    settlePending(({ reject }) => reject(workerFailure(cause)));
  };
  /** Where the leader hasn't begun it never will, and nothing is lost. Other workers are missed by nobody. */
  const onError = (thread: number, cause: unknown) => {
    if (thread !== 0) return;
    if (Atomics.compareExchange(heap.views.int32, words.leader, 0, 2) !== 0) return fail(cause);
    usable = false;
    crew.refuse(cause);
    settlePending(({ resolve }) => resolve(false));
  };
  const onMessage = ({ error }: ListDone) => {
    if (error !== undefined) return fail(error);
    settlePending(({ resolve }) => resolve(true));
  };
  const crew = new Crew({ heap, module, from: 0, to: threads, onMessage, onError, warn });
  const start = () => {
    usable = crew.start();
    if (!usable) return false;
    scratch = heap.allocate(scratchBytes * threads);
    setTimeout(() => {
      const isWaiting = pending !== undefined && Atomics.load(heap.views.int32, words.leader) === 0;
      if (isWaiting) onError(0, new Error(`none came within ${patience} ms`));
    }, patience);
    return true;
  };
  const dispose = () => {
    usable = false;
    crew.stop();
  };
  /** On the workers, of which the first is the caller, or here where they don't start; at most `longestList` at once. */
  const handOver = async (list: readonly WaitingCommand[]) => {
    if (!usable || !(crew.isRunning || start())) return runHere(list);
    const { float64, int32 } = heap.views;
    list.forEach(({ row, flops }, n) => {
      const at = listAddress / 8 + n * commandLength;
      float64.set(row, at);
      float64[at + scratchSlot] = scratch;
      float64[at + commandLength - 1] = flops >= leastShared ? 1 : 0;
    });
    Atomics.store(int32, words.listAddress, listAddress);
    Atomics.store(int32, words.listLength, list.length);
    const done = new Promise<boolean>((resolve, reject) => {
      pending = { resolve, reject };
    });
    Atomics.add(int32, words.list, 1);
    Atomics.notify(int32, words.list);
    if (!(await done)) runHere(list);
  };
  const runThere = async (queue: readonly Waiting[]) => {
    const list: WaitingCommand[] = [];
    const flush = async () => {
      if (list.length > 0) await handOver(list.splice(0));
    };
    for (const each of queue) {
      if (typeof each === "function") {
        await flush();
        each();
      } else {
        list.push(each);
        if (list.length === longestList) await flush();
      }
    }
    await flush();
  };
  const runHere = (queue: readonly Waiting[]) => {
    for (const each of queue) {
      if (typeof each === "function") each();
      else {
        const { float64, int32 } = heap.views;
        float64.set(each.row, commandAt);
        float64[commandAt + scratchSlot] = scratchAlone;
        runAlone(int32, (thread) => kernels.run(thread));
      }
    }
  };
  const isLarge = ({ queue }: Batch) => queue.some((each) => typeof each !== "function" && each.flops >= leastShared);
  return {
    run(name, fields, flops = 0) {
      const row = new Float64Array(commandLength);
      writers[name](row, 0, 0, fields);
      waiting.queue.push({ row, flops });
    },
    host: (task) => void waiting.queue.push(task),
    later(task) {
      if (waiting.queue.length === 0 && busy === undefined) task();
      else waiting.after.push(task);
    },
    settle() {
      const batch = waiting;
      waiting = { queue: [], after: [] };
      const finish = () => {
        for (const task of batch.after) task();
      };
      if (busy === undefined && (!usable || !isLarge(batch))) {
        try {
          runHere(batch.queue);
        } finally {
          finish();
        }
        return undefined;
      }
      const turn = (busy ?? Promise.resolve())
        .then(() => (usable ? runThere(batch.queue) : runHere(batch.queue)))
        .finally(finish);
      const settled = turn
        .catch(() => {})
        .then(() => {
          if (busy === settled) busy = undefined;
        });
      busy = settled;
      return turn;
    },
    threads: () => (usable ? threads : 1),
    dispose,
  };
}
