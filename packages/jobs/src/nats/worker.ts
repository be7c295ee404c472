/**
 * A worker takes pieces of the plans on a server, one for each of its threads, until it is stopped. Pieces are computed in worker threads;
 * the main thread only communicates, so that it can report that they are alive.
 */
import { availableParallelism, hostname } from "node:os";
import type { NatsConnection } from "@nats-io/nats-core";
import { defaultEntry } from "../node/default-entry.js";
import { PieceThread } from "../node/piece-thread.js";
import type { Maker } from "../store/stored-result.js";
import { Board } from "./board.js";
import { type Joined, JoinedPlans } from "./joined-plan.js";
import { plainText } from "./messages.js";
import { postedSubject } from "./names.js";
import { PieceTaker, safeKey } from "./piece-taker.js";
import { openSpace } from "./plan-space.js";
import { isMissing, isPassing, pause } from "./retry.js";

/** Options of {@link work}. */
export interface WorkerOptions {
  /** The worker's name in results and status. Default: the names of host and process. */
  readonly name?: string | undefined;
  /** How many pieces are computed at a time. Default: one for each core. */
  readonly threads?: number | undefined;
  /** The file that threads run; it calls `servePieces`. Default: this package's own, with the backends of `@comhe/native` and `@comhe/wasm`. */
  readonly entry?: URL | undefined;
  /** The name of the backend, for the entry's `loadBackend`. Default "auto". */
  readonly backend?: string | undefined;
  /** Folders and addresses that may be read. Default: none. */
  readonly allow?: readonly string[] | undefined;
  /** How many bytes of blocks of rows each thread keeps for the next piece. Default 256 MiB. */
  readonly mostBytes?: number | undefined;
  /** Plain data for the entry file's own use. Default: none. */
  readonly data?: unknown;
  /** Stops the worker; pieces under way are given back at once. */
  readonly signal?: AbortSignal | undefined;
  /** Stops the worker if there has been nothing to do for so many milliseconds. Default: never. */
  readonly idle?: number | undefined;
  /** Called with a line of text for everything that is refused or fails. */
  readonly onLog?: ((line: string) => void) | undefined;
  /** Called after each piece. */
  readonly onPiece?: ((number: number, milliseconds: number) => void) | undefined;
}

/** Milliseconds between two words that it lives, and between two looks at the board. */
const every = 2000;

/**
 * Takes pieces of the plans on a server and computes them, until it is stopped.
 *
 * @returns how many pieces it computed
 * @throws whatever the server refuses, for lack of permissions say
 */
export async function work(connection: NatsConnection, options: WorkerOptions = {}): Promise<number> {
  const worker = new NatsWorker(connection, options);
  return worker.run();
}

class NatsWorker {
  readonly #plans: JoinedPlans;
  readonly #taker: PieceTaker;
  readonly #name: string;
  #backend = "unknown";
  /** A plan was put on the board since it was looked at. */
  #posted = false;
  #done = 0;
  #lastWork = Date.now();

  constructor(
    readonly connection: NatsConnection,
    readonly options: WorkerOptions,
  ) {
    this.#name = options.name ?? `${hostname()}/${process.pid}`;
    this.#plans = new JoinedPlans(connection, (name, reason, joined) => this.#sayRefusal(name, reason, joined));
    this.#taker = new PieceTaker({
      ...{ connection, signal: options.signal, onPiece: options.onPiece },
      by: () => this.#by(),
      log: (line) => this.#log(line),
      refuse: (name, reason) => this.#plans.give(name, reason),
    });
  }

  async run(): Promise<number> {
    const { threads = availableParallelism(), entry = defaultEntry(), signal } = this.options;
    const { backend = "auto", allow = [], mostBytes, data } = this.options;
    const pool = Array.from({ length: threads }, () => new PieceThread(entry, { backend, allow, mostBytes, data }));
    const alive = setInterval(() => this.#tellAlive(), every);
    const stop = () => {
      for (const thread of pool) void thread.stop();
    };
    signal?.addEventListener("abort", stop);
    const listening = this.connection.subscribe(postedSubject, {
      callback: () => {
        this.#posted = true;
      },
    });
    try {
      await Promise.all([this.#lookAtBoard(), ...pool.map((thread) => this.#serve(thread))]);
    } finally {
      clearInterval(alive);
      listening.unsubscribe();
      signal?.removeEventListener("abort", stop);
      await Promise.all(pool.map((thread) => thread.stop()));
    }
    return this.#done;
  }

  #ended(): boolean {
    const { signal, idle } = this.options;
    const isIdle = idle !== undefined && !this.#plans.busy() && Date.now() - this.#lastWork > idle;
    return (signal?.aborted ?? false) || this.connection.isClosed() || isIdle;
  }

  #log(line: string): void {
    this.options.onLog?.(plainText(line));
  }

  #by(): Maker {
    return { worker: this.#name, backend: this.#backend };
  }

  async #lookAtBoard(): Promise<void> {
    while (!this.#ended()) {
      try {
        await this.#plans.follow(await Board.visit(this.connection));
      } catch (error) {
        // Where nothing was submitted yet, there is no board: whoever submits makes it as he wants it.
        if (!isPassing(error) && !isMissing(error) && !this.connection.isClosed())
          this.#log(`the board: ${(error as Error).message}`);
      }
      for (let waited = 0; waited < every && !this.#posted && !this.#ended(); waited += 100) await pause(100);
      this.#posted = false;
    }
  }

  /** Where whoever waits for the plan looks. */
  async #sayRefusal(name: string, reason: string, joined: Joined | undefined): Promise<void> {
    this.#log(reason);
    try {
      const { notes } = joined?.space ?? (await openSpace(this.connection, name));
      await notes.put(`refused.${safeKey(this.#name)}`, JSON.stringify({ ...this.#by(), reason: plainText(reason) }));
    } catch {
      // It has been logged here.
    }
  }

  #tellAlive(): void {
    for (const { space, underWay, done } of this.#plans.all()) {
      const pieces = [...underWay].map(([number, share]) => ({ number, share: Math.max(0, Math.min(1, share)) }));
      try {
        this.connection.publish(space.names.alive, JSON.stringify({ ...this.#by(), done, pieces }));
      } catch {
        // Closed, or going away.
      }
    }
  }

  /** One thread's share: a piece at a time, of one plan after another. */
  async #serve(thread: PieceThread): Promise<void> {
    this.#backend = await thread.backend();
    while (!this.#ended()) {
      const joined = this.#plans.choose();
      if (joined === undefined) {
        await pause(100);
        continue;
      }
      try {
        const message = await this.#plans.next(joined, this.#plans.all().length > 1 ? 1000 : 2000);
        if (message === null) continue;
        this.#lastWork = Date.now();
        if (await this.#taker.take(joined, message, thread)) this.#done++;
        this.#lastWork = Date.now();
      } catch (error) {
        if (this.#ended()) return;
        this.#plans.forget(joined);
        if (isMissing(error)) this.#plans.leave(joined);
        else if (!isPassing(error) && !joined.gone)
          this.#log(`plan ${joined.name.slice(0, 8)}: ${(error as Error).message}`);
        await pause(500);
      }
    }
  }
}
