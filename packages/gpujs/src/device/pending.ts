/** Values that are there now, or will be: gpu.js 2 answers at once in most modes, WebGPU and gpu.js 3 with a promise. */
import type { MaybePromise } from "@comhe/core";

export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | undefined)?.then === "function";
}

/**
 * Runs commands in the order given, each after the one before has settled. While every command answers at once, each runs
 * inside `submit`, and its error reaches the caller.
 */
export class CommandQueue {
  private last: Promise<void> | undefined;

  /** Commands that wait keep their errors to themselves: whoever reads their results must find them there. */
  submit(command: () => MaybePromise<void>): void {
    if (this.last) {
      this.keep(this.last.then(command));
      return;
    }
    const result = command();
    if (isPromise(result)) this.keep(result);
  }

  /** When everything submitted so far has settled; `undefined`: now. */
  settled(): Promise<void> | undefined {
    return this.last;
  }

  private keep(promise: Promise<void>): void {
    const last: Promise<void> = promise
      .catch(() => {})
      .then(() => {
        if (this.last === last) this.last = undefined;
      });
    this.last = last;
  }
}
