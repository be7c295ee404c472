/** A thread that opens one damaged file after another: it counts what is allocated, and a hang is seen from outside. */
import { Worker } from "node:worker_threads";

export interface Answer {
  readonly layers: { name: string; shape: number[]; dataType: string; data: Float32Array | Float64Array }[];
  readonly failure?: string;
  readonly message?: string;
  readonly code?: string;
  readonly ms: number;
  readonly allocated: number;
}

export interface Bounds {
  /** Per file. A busy machine may stop for seconds, a hang stays. */
  readonly milliseconds: number;
  /** Of arrays. */
  readonly bytes: number;
  readonly heapMegabytes: number;
}

export async function startWorker({ bytes, heapMegabytes }: Bounds): Promise<Worker> {
  const worker = new Worker(new URL("./fuzz-worker.mjs", import.meta.url), {
    workerData: { library: new URL("../../dist/index.js", import.meta.url).href, most: bytes },
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes, stackSizeMb: 4 },
  });
  await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  return worker;
}

export const ask = (worker: Worker, path: string, { milliseconds }: Bounds): Promise<Answer> =>
  answerOf(worker, { path }, milliseconds);

/** What a thread answers to one message; that it ended, or doesn't answer in time, is an error. */
export function answerOf<A>(worker: Worker, message: object, milliseconds: number): Promise<A> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(new Error(`no answer after ${milliseconds} ms`))), milliseconds);
    const onMessage = (answer: A) => settle(() => resolve(answer));
    const onError = (error: Error) => settle(() => reject(error));
    const onExit = (code: number) => settle(() => reject(new Error(`the thread ended with ${code}`)));
    const settle = (how: () => void) => {
      clearTimeout(timer);
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      how();
    };
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.postMessage(message);
  });
}
