/** What threads need of the platform: Node's worker_threads, or Web Workers. */
import { workerSource } from "../../generated/worker.js";
import type { ListDone, WorkerStart } from "./protocol.js";

export interface WorkerHandle {
  terminate(): unknown;
}

type NodeBuiltins = (name: string) => unknown;

/** Whether Web Workers are what there is. Electron's windows are pages, though they may have Node's `process`: its workers don't start there. */
export function isPage(): boolean {
  const { process } = globalThis as { process?: { type?: string; versions?: { node?: string } } };
  return process?.versions?.node === undefined || process.type === "renderer" || process.type === "worker";
}

/** `undefined` outside of Node. Synchronous, and nothing a bundler would follow. */
function nodeBuiltin<T>(name: string): T | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: NodeBuiltins } };
  if (isPage() || process === undefined) return undefined;
  return process.getBuiltinModule?.(`node:${name}`) as T | undefined;
}

/** Whether threads can share memory here. In a browser the page must be cross-origin isolated. */
export function canShareMemory(): boolean {
  if (typeof SharedArrayBuffer === "undefined") return false;
  if (nodeBuiltin("worker_threads")) return true;
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  return crossOriginIsolated === true && typeof Worker === "function" && typeof Blob === "function";
}

/** Whether this thread may sleep: everywhere but on a page's main thread. */
export function canSleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}

/** Processors, as far as the platform tells. */
export function processors(): number {
  const os = nodeBuiltin<typeof import("node:os")>("os");
  if (os) return os.availableParallelism();
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
  return navigator?.hardwareConcurrency ?? 1;
}

/**
 * @param onMessage called with what the worker posts
 * @param onError called with the reason why it didn't start, or ended early
 * @throws whatever the platform does where it refuses at once
 */
export function startWorker(
  start: WorkerStart,
  onMessage: (message: ListDone) => void,
  onError: (error: Error) => void,
): WorkerHandle {
  const threads = nodeBuiltin<typeof import("node:worker_threads")>("worker_threads");
  if (threads) {
    // Flags of the main thread, such as loaders, are nothing to it.
    const worker = new threads.Worker(workerSource, { eval: true, workerData: start, execArgv: [] });
    worker.on("message", onMessage);
    worker.on("error", onError);
    worker.on("messageerror", onError);
    // After the listeners, which would hold the process again.
    worker.unref();
    return worker;
  }
  const url = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
  let worker: Worker | undefined;
  const end = () => {
    worker?.terminate();
    URL.revokeObjectURL(url);
  };
  try {
    worker = new Worker(url, { name: `comhe-wasm-${start.thread}` });
    worker.onmessage = ({ data }) => onMessage(data as ListDone);
    // A policy's refusal comes as an event without a message.
    worker.onerror = ({ message }) => onError(new Error(message || "the browser refused to start it"));
    worker.postMessage(start);
  } catch (error) {
    end();
    throw error;
  }
  return { terminate: end };
}
