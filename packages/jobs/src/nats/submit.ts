/**
 * The side of whoever wants a plan done: puts its pieces on the server, takes results over into a store of its own, and sees to it that no piece
 * is forgotten. It may die at any time; started again, it goes on from its store and from the server.
 */
import type { NatsConnection } from "@nats-io/nats-core";
import { checkResult } from "../piece/check-result.js";
import { pieceAt, pieceNames, planName } from "../plan/pieces.js";
import type { Plan } from "../plan/schema.js";
import type { ResultStore } from "../store/result-store.js";
import { type Conflict, settle } from "../store/settle.js";
import { Board } from "./board.js";
import { type Check, ClaimDesk } from "./claims.js";
import { isMissing, isPassing, pause, persistently } from "./connection.js";
import {
  type Alive,
  aliveSchema,
  conflictSchema,
  type DeadPiece,
  deadSchema,
  parseMessage,
  type Refusal,
  refusalSchema,
} from "./messages.js";
import { makeSpace, type PlanSpace, removeSpace } from "./plan-space.js";

/** Of {@link submit}. */
export interface SubmitOptions {
  /** Where results are kept here. Whatever happens to the server, what is in it isn't computed again. */
  readonly store: ResultStore;
  /** After how often a piece that fails is given up. Default 5. */
  readonly tries?: number | undefined;
  /** Milliseconds without a word from its worker after which a piece is given to another. Default 30,000. */
  readonly patience?: number | undefined;
  /** Copies that a cluster keeps of everything: 1, 3 or 5. Default 1. */
  readonly replicas?: number | undefined;
  /** Takes results of workers that aren't trusted, and how they are checked. Default: none are taken. */
  readonly check?: Check | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told how far it is, now and then. */
  readonly onProgress?: ((progress: SubmitProgress) => void) | undefined;
  /** Told of two results for one piece that differ. */
  readonly onConflict?: ((conflict: Conflict) => void) | undefined;
  /** What is refused, and what goes wrong for the moment: lines for whoever watches. */
  readonly onLog?: ((line: string) => void) | undefined;
}

/** How far it is. */
export interface SubmitProgress {
  readonly done: number;
  readonly of: number;
  /** Workers that were heard in the last ten seconds. */
  readonly workers: readonly Alive[];
}

/** What it came to. */
export interface SubmitOutcome {
  readonly done: number;
  /** Of them, those that were there before. */
  readonly before: number;
  readonly interrupted: boolean;
  /** Taken off the board by someone else. */
  readonly cancelled: boolean;
  readonly failed: readonly DeadPiece[];
  readonly refusals: readonly Refusal[];
}

/** Milliseconds without a word after which a worker isn't counted. */
const silence = 10_000;
/** Milliseconds between two looks at notes and the board. */
const lookEvery = 1500;
/** Messages that are on their way to the server at once. */
const atOnce = 256;

/** Puts a plan on a server and waits for it. @throws what the server refuses */
export async function submit(connection: NatsConnection, plan: Plan, options: SubmitOptions): Promise<SubmitOutcome> {
  const submission = new Submission(connection, plan, options, await planName(plan), await pieceNames(plan));
  return submission.run();
}

class Submission {
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #have: Uint8Array;
  readonly #dead = new Map<number, DeadPiece>();
  readonly #refusals = new Map<string, Refusal>();
  readonly #alive = new Map<string, { readonly said: Alive; readonly at: number }>();
  readonly #told = new Set<string>();
  #done = 0;
  #before = 0;
  /** The last message of the results' stream that was taken over. */
  #seen = 0;
  #lastNews = Date.now();

  constructor(
    readonly connection: NatsConnection,
    readonly plan: Plan,
    readonly options: SubmitOptions,
    readonly name: string,
    readonly pieces: readonly string[],
  ) {
    this.#numbers = new Map(pieces.map((piece, number) => [piece, number]));
    this.#have = new Uint8Array(pieces.length);
  }

  async run(): Promise<SubmitOutcome> {
    const { store, tries = 5, patience = 30_000, replicas, signal, check } = this.options;
    for (const piece of await store.names()) {
      const number = this.#numbers.get(piece);
      if (number !== undefined && (await store.get(piece)) !== undefined) this.#mark(number);
    }
    this.#before = this.#done;
    let cancelled = false;
    let looked = 0;
    const listening = this.connection.subscribe(`comhe.${this.name}.alive`, {
      callback: (_, message) => this.#hear(message?.data),
    });
    const desk =
      check &&
      new ClaimDesk(this.connection, this.plan, this.pieces, check, {
        wanted: (number) => this.#have[number] === 0,
        keep: (number, result) => this.#keep(number, result),
        log: (line) => this.#log(line),
      });
    try {
      let space: PlanSpace | undefined;
      while (!this.#finished() && !signal?.aborted && !this.connection.isClosed()) {
        try {
          if (space === undefined) {
            space = await makeSpace(this.connection, this.name, { patience }, replicas);
            const board = await Board.open(this.connection);
            await board.post(this.name, this.plan, { state: "open", tries, patience, pieces: this.pieces.length });
            await this.#putOut(space);
          }
          await this.#takeOver(space);
          if (Date.now() - looked > lookEvery) {
            await this.#readNotes(space);
            if ((await (await Board.open(this.connection)).entry(this.name))?.state === "cancelled") {
              cancelled = true;
              break;
            }
            looked = Date.now();
          }
          // Whatever came of them, pieces without a result or a message are put out again.
          if (Date.now() - this.#lastNews > Math.min(patience, 5000) && (await this.#isIdle(space))) {
            await desk?.release();
            await this.#takeOver(space);
            if (!this.#finished()) await this.#putOut(space);
          }
        } catch (error) {
          if (!isPassing(error) && !isMissing(error)) throw error;
          this.#log(`the server: ${(error as Error).message}; trying again`);
          if (isMissing(error)) {
            // Its store is another one now: all that isn't here is put out anew.
            space = undefined;
            this.#seen = 0;
          }
          await pause(500);
        }
        this.#tell();
      }
      if (this.#finished()) {
        await persistently(
          this.connection,
          async () => (await Board.open(this.connection)).remove(this.name),
          signal,
        ).catch(() => {});
        await removeSpace(this.connection, this.name).catch(() => {});
      }
    } finally {
      listening.unsubscribe();
      await desk?.close();
    }
    return {
      done: this.#done,
      before: this.#before,
      interrupted: signal?.aborted ?? false,
      cancelled,
      failed: [...this.#dead.values()].filter(({ number }) => this.#have[number] === 0),
      refusals: [...this.#refusals.values()],
    };
  }

  #finished(): boolean {
    return (
      this.#done + [...this.#dead.keys()].filter((number) => this.#have[number] === 0).length >= this.pieces.length
    );
  }

  #mark(number: number): void {
    if (this.#have[number] === 1) return;
    this.#have[number] = 1;
    this.#done++;
    this.#lastNews = Date.now();
  }

  #log(line: string): void {
    this.options.onLog?.(line);
  }

  #hear(data: Uint8Array | undefined): void {
    const said = data && parseMessage(aliveSchema, data, 1 << 18);
    if (said === undefined || this.#alive.size > 10_000) return;
    this.#alive.set(said.worker, { said, at: Date.now() });
  }

  #tell(): void {
    const now = Date.now();
    for (const [worker, { at }] of this.#alive) if (now - at > silence) this.#alive.delete(worker);
    this.options.onProgress?.({
      done: this.#done,
      of: this.pieces.length,
      workers: [...this.#alive.values()].map(({ said }) => said),
    });
  }

  /** A message for each piece that is neither done nor given up. Those that are there already are taken out first, so that none is there twice. */
  async #putOut({ manager, client, names }: PlanSpace): Promise<void> {
    await manager.streams.purge(names.work);
    let waiting: Promise<unknown>[] = [];
    for (let number = 0; number < this.pieces.length; number++) {
      if (this.#have[number] === 1 || this.#dead.has(number)) continue;
      waiting.push(client.publish(names.workSubject, JSON.stringify({ number })));
      if (waiting.length < atOnce) continue;
      await settled(waiting);
      waiting = [];
    }
    await settled(waiting);
    this.#lastNews = Date.now();
  }

  async #isIdle({ manager, names }: PlanSpace): Promise<boolean> {
    const { state } = await manager.streams.info(names.work);
    return state.messages === 0;
  }

  /** Results that are new on the server, in the order they came. Returns when there are none for a moment. */
  async #takeOver(space: PlanSpace): Promise<void> {
    const { manager, client, names, store } = space;
    const stream = `KV_${names.results}`;
    const { state } = await manager.streams.info(stream);
    // Fewer than were seen: another store.
    if (state.last_seq < this.#seen) this.#seen = 0;
    if (state.last_seq === this.#seen) {
      await pause(200);
      return;
    }
    const consumer = await client.consumers.get(stream, { opt_start_seq: this.#seen + 1 });
    const fetched = await consumer.fetch({ max_messages: Math.min(500, state.last_seq - this.#seen), expires: 2000 });
    const prefix = `$KV.${names.results}.`;
    for await (const message of fetched) {
      const piece = message.subject.slice(prefix.length);
      const number = this.#numbers.get(piece);
      const isPut = message.headers?.get("KV-Operation") ? false : message.data.length > 0;
      if (number === undefined) this.#log("a result of no piece is left where it is");
      else if (isPut && this.#have[number] === 0) {
        try {
          await this.#keep(number, await store.read(piece, message.data));
        } catch (error) {
          if (isPassing(error)) throw error;
          const { code } = error as NodeJS.ErrnoException;
          // The disk here: the result stays on the server, and is tried again.
          if (code !== undefined && /^E[A-Z]+$/.test(code)) {
            this.#log(`a result can't be kept here (${code}); trying again`);
            await pause(1000);
            return;
          }
          this.#log(`piece ${number}: ${(error as Error).message}`);
          await store.results.purge(piece);
          await client.publish(names.workSubject, JSON.stringify({ number }));
        }
      }
      this.#seen = Math.max(this.#seen, message.seq);
    }
  }

  async #keep(number: number, result: Parameters<ResultStore["put"]>[0]): Promise<void> {
    checkResult(this.plan, pieceAt(this.plan, number), result);
    const { conflict } = await settle(this.plan, number, this.options.store, result);
    if (conflict) this.options.onConflict?.(conflict);
    this.#mark(number);
  }

  async #readNotes({ notes }: PlanSpace): Promise<void> {
    const there = new Set<string>();
    for await (const key of await notes.keys()) there.add(key);
    // Someone has given it another chance.
    for (const number of this.#dead.keys()) {
      if (there.has(`dead.${number}`)) continue;
      this.#dead.delete(number);
      this.#told.delete(`dead.${number}`);
    }
    for (const key of there) {
      if (this.#told.has(key)) continue;
      const entry = await notes.get(key);
      if (entry === null || entry.operation !== "PUT") continue;
      this.#told.add(key);
      const [dead, refusal, conflict] = [
        parseMessage(deadSchema, entry.value, 1 << 16),
        parseMessage(refusalSchema, entry.value, 1 << 16),
        parseMessage(conflictSchema, entry.value, 1 << 16),
      ];
      if (dead && key === `dead.${dead.number}` && dead.number < this.pieces.length) this.#dead.set(dead.number, dead);
      else if (refusal && key.startsWith("refused.")) {
        this.#refusals.set(key, refusal);
        this.#log(`${refusal.worker} doesn't take part: ${refusal.reason}`);
      } else if (conflict && key.startsWith("conflict.")) this.options.onConflict?.(conflict);
      else this.#log(`a note that says nothing (${key.slice(0, 40)}) is left where it is`);
    }
  }
}

/** All of them, so that none is left to fail alone; the first failure is thrown. */
async function settled(waiting: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(waiting)) if (outcome.status === "rejected") throw outcome.reason;
}
