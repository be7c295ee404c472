/**
 * The workers of one backend. They start together, when they are first needed, and may be refused: by Node's permission model, by a page's
 * policy, in Electron's renderer, by a browser that doesn't hand a WebAssembly module to a worker, where memory is short. None of
 * that is a reason to fail, since one thread computes the same: it is said once, and why.
 */
import type { Heap } from "../memory/heap.js";
import { isPage, startWorker, type WorkerHandle } from "./platform.js";
import { type ListDone, words } from "./protocol.js";

export interface CrewOptions {
  readonly heap: Heap;
  readonly module: WebAssembly.Module;
  /** The first worker's number, and one more than the last one's; 0 leads. */
  readonly from: number;
  readonly to: number;
  /** Told what the leading worker posts. */
  readonly onMessage: (message: ListDone) => void;
  /** Told of each worker that ended by an error: which one, and why. */
  readonly onError: (thread: number, error: Error) => void;
  /** Told that there will be no threads. */
  readonly warn: (message: string) => void;
}

export class Crew {
  readonly #options: CrewOptions;
  readonly #workers: WorkerHandle[] = [];
  #warned = false;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#workers.length > 0;
  }

  /** @returns whether they start, as far as that is known at once; where it is false none of them does */
  start(): boolean {
    const { heap, module, from, to, onMessage, onError } = this.#options;
    const { memory } = heap;
    try {
      for (let thread = from; thread < to; thread++) {
        const worker = startWorker({ module, memory, thread }, onMessage, (error) => {
          if (this.#workers.includes(worker)) onError(thread, error);
        });
        this.#workers.push(worker);
      }
      return true;
    } catch (error) {
      this.refuse(error);
      return false;
    }
  }

  /** Ends them, and says once that there are none. */
  refuse(cause: unknown): void {
    this.stop();
    if (this.#warned) return;
    this.#warned = true;
    this.#options.warn(
      `wasmBackend: worker threads can't start (${reasonOf(cause)}), so that one thread computes. The results are the same. ${advice()}`,
    );
  }

  /** Wakes the workers so that they end by themselves, and ends those that don't. */
  stop(): void {
    const { int32 } = this.#options.heap.views;
    Atomics.store(int32, words.stop, 1);
    for (const word of [words.job, words.list]) {
      Atomics.add(int32, word, 1);
      Atomics.notify(int32, word);
    }
    for (const worker of this.#workers.splice(0)) worker.terminate();
  }
}

function reasonOf(cause: unknown): string {
  const { name, code, message } = cause as { name?: string; code?: unknown; message?: string };
  return `${typeof code === "string" ? code : (name ?? "Error")}: ${(message ?? String(cause)).split("\n")[0]}`;
}

function advice(): string {
  const allow = isPage()
    ? "A page whose Content-Security-Policy has a worker-src must allow blob: there."
    : "Under Node's permission model, --allow-worker allows them.";
  return `${allow} wasmBackend({ threads: 1 }) asks for one thread, and nothing is said.`;
}
