/**
 * The three ways to run commands: on this thread alone; on this thread with the help of workers; and, on a page's main thread, which may not
 * sleep, by workers alone, when results are asked for.
 */
import { EnergyError } from "@comhe/core/pair-functions";
import { scratchSlot, writers } from "../../generated/write-commands.js";
import type { CommandFields, CommandName } from "../kernels/commands.js";
import type { Kernels } from "../kernels/load-kernels.js";
import type { Heap } from "../memory/heap.js";
import { startWorker, type WorkerHandle } from "./platform.js";
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
}

/** Workers start with the first job that is worth it. */
export function threadedEngine(options: ThreadedOptions): Engine {
  const { heap, kernels, module, threads, leastShared = worthSharing } = options;
  let scratch = heap.allocate(scratchBytes);
  const workers: WorkerHandle[] = [];
  let usable = true;
  const run = (thread: number) => kernels.run(thread);
  const start = () => {
    heap.free(scratch, scratchBytes);
    scratch = heap.allocate(scratchBytes * threads);
    const { memory } = heap;
    for (let thread = 1; thread < threads; thread++) {
      workers.push(startWorker({ module, memory, thread }, () => {}));
    }
  };
  const dispose = () => {
    usable = false;
    stop(heap, workers);
  };
  return {
    run(name, fields, flops = 0) {
      const isShared = usable && flops >= leastShared;
      if (isShared && workers.length === 0) start();
      writers[name](heap.views.float64, commandAt, scratch, fields);
      if (!isShared) return runAlone(heap.views.int32, run);
      try {
        runJob(heap.views.int32, run);
      } catch (error) {
        dispose();
        throw workerFailure(error);
      }
    },
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
  const { heap, kernels, module, threads, leastShared = worthSharing } = options;
  // First of all, so that it lies where the leading worker can read it whatever it knows of the memory's growth.
  const listAddress = heap.allocate(longestList * commandLength * 8);
  const scratchAlone = heap.allocate(scratchBytes);
  let scratch = 0;
  let waiting: Batch = { queue: [], after: [] };
  const workers: WorkerHandle[] = [];
  let usable = true;
  /** Ends when everything handed over has run. */
  let busy: Promise<void> | undefined;
  let pending: { resolve(): void; reject(error: unknown): void } | undefined;

  const onMessage = (message: ListDone | Error) => {
    const failure = message instanceof Error ? message : message.error;
    const caller = pending;
    pending = undefined;
    if (failure === undefined) return caller?.resolve();
    dispose();
    caller?.reject(workerFailure(failure));
  };
  const start = () => {
    scratch = heap.allocate(scratchBytes * threads);
    const { memory } = heap;
    for (let thread = 0; thread < threads; thread++) workers.push(startWorker({ module, memory, thread }, onMessage));
  };
  const dispose = () => {
    usable = false;
    stop(heap, workers);
  };
  /** On the workers, of which the first is the caller; at most `longestList` at once. */
  const handOver = async (list: readonly WaitingCommand[]) => {
    if (workers.length === 0) start();
    const { float64, int32 } = heap.views;
    list.forEach(({ row, flops }, n) => {
      const at = listAddress / 8 + n * commandLength;
      float64.set(row, at);
      float64[at + scratchSlot] = scratch;
      float64[at + commandLength - 1] = flops >= leastShared ? 1 : 0;
    });
    Atomics.store(int32, words.listAddress, listAddress);
    Atomics.store(int32, words.listLength, list.length);
    const done = new Promise<void>((resolve, reject) => {
      pending = { resolve, reject };
    });
    Atomics.add(int32, words.list, 1);
    Atomics.notify(int32, words.list);
    await done;
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
    dispose,
  };
}

/** Wakes the workers so that they end by themselves, and ends those that don't. */
function stop(heap: Heap, workers: WorkerHandle[]): void {
  const { int32 } = heap.views;
  Atomics.store(int32, words.stop, 1);
  for (const word of [words.job, words.list]) {
    Atomics.add(int32, word, 1);
    Atomics.notify(int32, word);
  }
  for (const worker of workers.splice(0)) worker.terminate();
}
