/** A thread that computes pieces, started again after it died. */
import { Worker } from "node:worker_threads";
import type { Plan } from "../plan/schema.js";
import type { FromThread, ThreadSettings, ToThread } from "./thread-messages.js";

/** Why a piece has no result. */
export class PieceFailed extends Error {
  /** The class's name, as every error has it. */
  override readonly name = "PieceFailed";

  /**
   * Says of a piece why it has no result.
   *
   * @param message what went wrong
   * @param code what kind of error it is
   */
  constructor(
    message: string,
    /** The kind of error: an `EnergyErrorCode`, "unexpected", or "died" where the thread ended. */
    readonly code: string,
  ) {
    super(message);
  }
}

/** What a piece came to, with the time it took. */
export interface ThreadOutput {
  /** What was computed, as plain JSON; its shape depends on the piece. */
  readonly value: unknown;
  /** The gradient of a strip's rows, row major, where the plan asks for one. */
  readonly gradient: Float64Array | undefined;
  /** How many milliseconds it took. */
  readonly milliseconds: number;
}

/** A thread that computes one piece at a time, and is started again after it died. */
export class PieceThread {
  #worker: Worker | undefined;
  #plan: Plan | undefined;
  #ready: Promise<string> | undefined;
  #settle:
    | { done(output: ThreadOutput): void; failed(error: PieceFailed): void; progress(share: number): void }
    | undefined;

  /**
   * Starts no thread yet: the first piece does.
   *
   * @param entry a file that calls `servePieces`
   * @param settings which backend it takes, and what it may read
   */
  constructor(
    /** The file that the thread runs. */
    readonly entry: URL,
    /** What the thread starts with. */
    readonly settings: ThreadSettings,
  ) {}

  /**
   * Starts the thread if need be, and says which backend it computes with.
   *
   * @throws PieceFailed where it can't start
   */
  backend(): Promise<string> {
    this.#ready ??= this.#start();
    return this.#ready;
  }

  /**
   * Computes a piece.
   *
   * @param number the piece's place in the plan's order, from 0
   * @param onProgress called now and then with the share that is done, from 0 to 1
   * @throws PieceFailed where it has no result
   */
  async run(plan: Plan, number: number, onProgress: (share: number) => void = () => {}): Promise<ThreadOutput> {
    await this.backend();
    const worker = this.#worker!;
    const send = (message: ToThread) => worker.postMessage(message);
    if (this.#plan !== plan) send({ kind: "plan", plan });
    this.#plan = plan;
    return new Promise((done, failed) => {
      this.#settle = { done, failed, progress: onProgress };
      send({ kind: "piece", number });
    });
  }

  /** Ends the thread; the piece that it is at fails. */
  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#forget(new PieceFailed("stopped", "died"));
    await worker?.terminate();
  }

  #start(): Promise<string> {
    const worker = new Worker(this.entry, { workerData: this.settings });
    this.#worker = worker;
    return new Promise((resolve, reject) => {
      worker.on("message", (message: FromThread) => {
        if (message.kind === "ready") resolve(message.backend);
        else if (message.kind === "progress") this.#settle?.progress(message.share);
        else {
          const settle = this.#settle;
          this.#settle = undefined;
          if (message.kind === "done") settle?.done(message);
          else settle?.failed(new PieceFailed(message.message, message.code));
        }
      });
      const died = (reason: string) => {
        const error = new PieceFailed(`the thread that computed it ended: ${reason}`, "died");
        reject(error);
        if (this.#worker === worker) this.#forget(error);
      };
      worker.on("error", (error) => died(error instanceof Error ? error.message : String(error)));
      worker.on("exit", (code) => died(`exit code ${code}`));
    });
  }

  #forget(error: PieceFailed): void {
    this.#worker = undefined;
    this.#ready = undefined;
    this.#plan = undefined;
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.failed(error);
  }
}
