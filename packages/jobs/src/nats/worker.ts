/**
 * A worker: takes pieces of whatever plans are on a server, one for each of its threads, until it is told to stop. The main thread only talks;
 * pieces are computed in worker threads, so that it can say that they are alive.
 */
import { availableParallelism, hostname } from "node:os";
import type { JsMsg } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { defaultEntry } from "../node/default-entry.js";
import { PieceFailed, PieceThread } from "../node/piece-thread.js";
import { checkResult } from "../piece/check-result.js";
import { pieceAt, pieceCount, pieceName } from "../plan/pieces.js";
import type { Plan } from "../plan/schema.js";
import { settle } from "../store/settle.js";
import type { Maker, StoredResult } from "../store/stored-result.js";
import { Board } from "./board.js";
import { isMissing, isPassing, pause, persistently } from "./connection.js";
import { type BoardEntry, parseMessage, plainText, workSchema } from "./messages.js";
import { openSpace, type PlanSpace } from "./plan-space.js";

/** Of {@link work}. */
export interface WorkerOptions {
  /** Its name in results and status. Default: host and process. */
  readonly name?: string | undefined;
  /** Pieces at a time. Default: one for each core. */
  readonly threads?: number | undefined;
  /** A file that calls `servePieces`. Default: this package's own. */
  readonly entry?: URL | undefined;
  readonly backend?: string | undefined;
  /** Folders and addresses that may be read. Default: none. */
  readonly allow?: readonly string[] | undefined;
  /** Bytes of blocks that each thread keeps. */
  readonly mostBytes?: number | undefined;
  /** For the entry file's own use: plain data. */
  readonly data?: unknown;
  /** Stops taking pieces; those under way are given back at once. */
  readonly signal?: AbortSignal | undefined;
  /** Ends when there has been nothing to do for so many milliseconds. Default: never. */
  readonly idle?: number | undefined;
  /** What is refused, and what fails: lines for whoever watches. */
  readonly onLog?: ((line: string) => void) | undefined;
  /** Called after each piece. */
  readonly onPiece?: ((number: number, milliseconds: number) => void) | undefined;
}

/** A plan that this worker takes part in. */
interface Joined {
  readonly name: string;
  readonly plan: Plan;
  readonly entry: BoardEntry;
  readonly space: PlanSpace;
  readonly underWay: Map<number, number>;
  done: number;
  gone: boolean;
  /** When it had nothing to do last; 0: there may be more. */
  emptyAt: number;
}

/** Milliseconds between two words that it lives, and between two looks at the board. */
const every = 2000;

/** @returns how many pieces it did. @throws what the server refuses: permissions, say */
export async function work(connection: NatsConnection, options: WorkerOptions = {}): Promise<number> {
  const worker = new NatsWorker(connection, options);
  return worker.run();
}

class NatsWorker {
  readonly #joined = new Map<string, Joined>();
  /** Plans that it doesn't take, once said why. */
  readonly #refused = new Set<string>();
  readonly #name: string;
  #backend = "unknown";
  #turn = 0;
  #done = 0;
  #lastWork = Date.now();

  constructor(
    readonly connection: NatsConnection,
    readonly options: WorkerOptions,
  ) {
    this.#name = options.name ?? `${hostname()}/${process.pid}`;
  }

  async run(): Promise<number> {
    const { threads = availableParallelism(), entry = defaultEntry(), signal } = this.options;
    const { backend = "auto", allow = [], mostBytes, data } = this.options;
    const pool = Array.from({ length: threads }, () => new PieceThread(entry, { backend, allow, mostBytes, data }));
    const ended = () => this.#ended();
    const alive = setInterval(() => this.#tellAlive(), every);
    const stop = () => {
      for (const thread of pool) void thread.stop();
    };
    signal?.addEventListener("abort", stop);
    try {
      const looking = this.#lookAtBoard(ended);
      await Promise.all([looking, ...pool.map((thread) => this.#serve(thread, ended))]);
    } finally {
      clearInterval(alive);
      signal?.removeEventListener("abort", stop);
      await Promise.all(pool.map((thread) => thread.stop()));
    }
    return this.#done;
  }

  #ended(): boolean {
    const { signal, idle } = this.options;
    const busy = [...this.#joined.values()].some(({ underWay }) => underWay.size > 0);
    return (
      (signal?.aborted ?? false) ||
      this.connection.isClosed() ||
      (idle !== undefined && !busy && Date.now() - this.#lastWork > idle)
    );
  }

  #log(line: string): void {
    this.options.onLog?.(plainText(line));
  }

  async #lookAtBoard(ended: () => boolean): Promise<void> {
    while (!ended()) {
      try {
        const plans = await (await Board.open(this.connection)).list();
        for (const [name, joined] of this.#joined) {
          if (plans.get(name)?.state === "open") continue;
          joined.gone = true;
          this.#joined.delete(name);
        }
        for (const [name, entry] of plans) {
          if (entry.state === "open" && !this.#joined.has(name) && !this.#refused.has(name))
            await this.#join(name, entry);
        }
      } catch (error) {
        if (!isPassing(error) && !this.connection.isClosed()) this.#log(`the board: ${(error as Error).message}`);
      }
      for (let waited = 0; waited < every && !ended(); waited += 100) await pause(100);
    }
  }

  async #join(name: string, entry: BoardEntry): Promise<void> {
    let plan: Plan;
    try {
      plan = await (await Board.open(this.connection)).plan(name);
      if (pieceCount(plan) !== entry.pieces)
        throw new Error(`it has ${pieceCount(plan)} pieces, the board says ${entry.pieces}`);
    } catch (error) {
      if (!isPassing(error))
        await this.#refuse(name, `plan ${name.slice(0, 8)} is refused: ${(error as Error).message}`);
      return;
    }
    const space = await openSpace(this.connection, name);
    this.#joined.set(name, { name, plan, entry, space, underWay: new Map(), done: 0, gone: false, emptyAt: 0 });
  }

  /** Others may take what this one can't; it is said where whoever waits for the plan looks. */
  async #refuse(name: string, reason: string): Promise<void> {
    this.#refused.add(name);
    const joined = this.#joined.get(name);
    if (joined) joined.gone = true;
    this.#joined.delete(name);
    this.#log(reason);
    try {
      const { notes } = joined?.space ?? (await openSpace(this.connection, name));
      await notes.put(`refused.${safeKey(this.#name)}`, JSON.stringify({ ...this.#by(), reason: plainText(reason) }));
    } catch {
      // It has been logged here.
    }
  }

  #by(): Maker {
    return { worker: this.#name, backend: this.#backend };
  }

  #tellAlive(): void {
    for (const { space, underWay, done } of this.#joined.values()) {
      const pieces = [...underWay].map(([number, share]) => ({ number, share: Math.max(0, Math.min(1, share)) }));
      try {
        this.connection.publish(space.names.alive, JSON.stringify({ ...this.#by(), done, pieces }));
      } catch {
        // Closed, or going away.
      }
    }
  }

  /** One thread's share: a piece at a time, of one plan after another. */
  async #serve(thread: PieceThread, ended: () => boolean): Promise<void> {
    this.#backend = await thread.backend();
    while (!ended()) {
      const plans = [...this.#joined.values()];
      if (plans.length === 0) {
        await pause(100);
        continue;
      }
      const joined = this.#choose(plans);
      try {
        const consumer = await joined.space.client.consumers.getConsumerFromInfo(await this.#consumerInfo(joined));
        const message = await consumer.next({ expires: plans.length > 1 ? 1000 : 2000 });
        joined.emptyAt = message === null ? Date.now() : 0;
        if (message === null) continue;
        this.#lastWork = Date.now();
        await this.#take(joined, message, thread);
        this.#lastWork = Date.now();
      } catch (error) {
        if (ended()) return;
        this.#infos.delete(joined.name);
        if (isMissing(error)) {
          // It is done, or will be put out anew: the board knows.
          joined.gone = true;
          this.#joined.delete(joined.name);
        } else if (!isPassing(error) && !joined.gone)
          this.#log(`plan ${joined.name.slice(0, 8)}: ${(error as Error).message}`);
        await pause(500);
      }
    }
  }

  /** In turn among those that have something to do; else the one that wasn't asked for the longest. */
  #choose(plans: readonly Joined[]): Joined {
    const busy = plans.filter(({ emptyAt }) => emptyAt === 0);
    if (busy.length > 0) return busy[this.#turn++ % busy.length]!;
    const next = plans.reduce((first, each) => (each.emptyAt < first.emptyAt ? each : first));
    next.emptyAt = Date.now();
    return next;
  }

  readonly #infos = new Map<string, Awaited<ReturnType<PlanSpace["manager"]["consumers"]["info"]>>>();

  async #consumerInfo({ name, space }: Joined) {
    let info = this.#infos.get(name);
    if (info === undefined) {
      info = await space.manager.consumers.info(space.names.work, space.names.consumer);
      this.#infos.set(name, info);
    }
    return info;
  }

  async #take(joined: Joined, message: JsMsg, thread: PieceThread): Promise<void> {
    const { plan, entry, space, underWay } = joined;
    const number = parseMessage(workSchema, message.data, 256)?.number;
    if (number === undefined || number >= pieceCount(plan)) {
      this.#log(`plan ${joined.name.slice(0, 8)}: a message that names no piece is thrown away`);
      message.term("names no piece");
      return;
    }
    const piece = pieceAt(plan, number);
    const name = await pieceName(plan, piece);
    const tries = message.info.deliveryCount;
    // Given out again: its first worker may have been done, and died before it said so.
    if (tries > 1 && (await space.store.get(name)) !== undefined) {
      await this.#acknowledge(message);
      return;
    }
    if (tries > entry.tries) {
      await this.#giveUp(joined, number, tries - 1, "its workers died or stopped answering", message);
      return;
    }
    underWay.set(number, 0);
    const working = setInterval(() => message.working(), entry.patience / 3);
    try {
      const output = await thread.run(plan, number, (share) => underWay.set(number, share));
      const result: StoredResult = { piece: name, by: this.#by(), ...output };
      checkResult(plan, piece, result);
      await this.#keep(joined, number, result);
      await this.#acknowledge(message);
      joined.done++;
      this.#done++;
      this.options.onPiece?.(number, output.milliseconds);
    } catch (error) {
      if (this.options.signal?.aborted) {
        message.nak();
        return;
      }
      if (!(error instanceof PieceFailed)) throw error;
      const said = `piece ${number}: ${error.message}`;
      if (error.code === "unsupported" || error.code === "invalid-file" || error.code === "missing-peer") {
        message.nak(500);
        await this.#refuse(joined.name, said);
      } else if (tries >= entry.tries) await this.#giveUp(joined, number, tries, error.message, message);
      else {
        this.#log(`${said} (try ${tries} of ${entry.tries})`);
        message.nak(Math.min(30_000, 250 * 2 ** tries));
      }
    } finally {
      clearInterval(working);
      underWay.delete(number);
    }
  }

  async #keep({ plan, space, name }: Joined, number: number, result: StoredResult): Promise<void> {
    const { conflict } = await persistently(
      this.connection,
      () => settle(plan, number, space.store, result),
      this.options.signal,
    );
    if (conflict === undefined) return;
    this.#log(
      `plan ${name.slice(0, 8)}: piece ${number} contradicts the result of ${conflict.kept.worker} (${conflict.difference.of})`,
    );
    await space.notes.put(`conflict.${number}.${safeKey(this.#name)}`, JSON.stringify(conflict)).catch(() => {});
  }

  async #giveUp({ space, name }: Joined, number: number, tries: number, error: string, message: JsMsg): Promise<void> {
    this.#log(`plan ${name.slice(0, 8)}: piece ${number} is given up after ${tries} tries: ${error}`);
    const note = JSON.stringify({ ...this.#by(), number, tries, error: plainText(error) });
    await persistently(this.connection, () => space.notes.put(`dead.${number}`, note), this.options.signal);
    message.term("given up");
  }

  /** The server says that it knows, or the piece is given out again, which costs nothing but a look at the store. */
  async #acknowledge(message: JsMsg): Promise<void> {
    for (let n = 0; n < 3; n++) if (await message.ackAck({ timeout: 2000 }).catch(() => false)) return;
  }
}

const safeKey = (name: string): string => name.replaceAll(/[^\w-]/g, "_").slice(0, 100);
