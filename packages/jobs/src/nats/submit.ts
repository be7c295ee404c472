/**
 * The submitting side of a plan: puts its pieces on the server, copies results into a store of its own, and makes sure that no piece
 * is forgotten. The process may die at any time; started again, it continues from its store and from the server.
 */
import type { NatsConnection } from "@nats-io/nats-core";
import { checkResult } from "../piece/check-result.js";
import { pieceAt, pieceNames, planName } from "../plan/pieces.js";
import type { Plan } from "../plan/schema.js";
import type { ResultStore } from "../store/result-store.js";
import { type Conflict, settle } from "../store/settle.js";
import type { StoredResult } from "../store/stored-result.js";
import { Board } from "./board.js";
import { type Check, ClaimDesk } from "./claims.js";
import { Intake } from "./intake.js";
import { Ledger } from "./ledger.js";
import { type Alive, aliveSchema, type DeadPiece, parseMessage, type Refusal } from "./messages.js";
import { postedSubject } from "./names.js";
import { NoteReader } from "./note-reader.js";
import { makeSpace, type PlanSpace, removeSpace } from "./plan-space.js";
import { isIdle, putOut } from "./put-out.js";
import { isMissing, isPassing, pause, persistently } from "./retry.js";

/** Options of {@link submit}. */
export interface SubmitOptions {
  /** The local store of results. Whatever happens to the server, pieces whose results are in it aren't computed again. */
  readonly store: ResultStore;
  /** How often a piece is tried before it is given up. Default 5. */
  readonly tries?: number | undefined;
  /** If a worker is silent for so many milliseconds, its piece is given to another one. Default 30,000. */
  readonly patience?: number | undefined;
  /** Copies that a cluster keeps of everything: 1, 3 or 5. Default 1. */
  readonly replicas?: number | undefined;
  /** Accepts results of untrusted workers, and says how they are checked. Default: none are accepted. */
  readonly check?: Check | undefined;
  /** Stops waiting; the plan stays on the server, and can be submitted again to go on. */
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with the progress. */
  readonly onProgress?: ((progress: SubmitProgress) => void) | undefined;
  /** Called with two results of one piece that differ. */
  readonly onConflict?: ((conflict: Conflict) => void) | undefined;
  /** Called with a line of text for everything that is refused, and for temporary failures. */
  readonly onLog?: ((line: string) => void) | undefined;
}

/** The progress of a plan. */
export interface SubmitProgress {
  /** How many pieces have results. */
  readonly done: number;
  /** How many pieces there are. */
  readonly of: number;
  /** Workers that reported within the last ten seconds. */
  readonly workers: readonly Alive[];
}

/** The outcome of a plan. */
export interface SubmitOutcome {
  /** How many pieces have results by now. */
  readonly done: number;
  /** How many of them had results before. */
  readonly before: number;
  /** Whether the waiting was stopped. */
  readonly interrupted: boolean;
  /** Whether someone else has cancelled the plan. */
  readonly cancelled: boolean;
  /** The pieces that were given up. */
  readonly failed: readonly DeadPiece[];
  /** The workers that didn't take the plan, and why. */
  readonly refusals: readonly Refusal[];
}

/** Milliseconds without a word after which a worker isn't counted. */
const silence = 10_000;
/** Milliseconds without a word from its worker after which a piece is given to another. */
const defaultPatience = 30_000;
/** Milliseconds between two looks at notes and the board. */
const lookEvery = 1500;

/**
 * Puts a plan on a server, and waits until its pieces have results in the store.
 *
 * @throws whatever the server refuses, for lack of permissions say
 */
export async function submit(connection: NatsConnection, plan: Plan, options: SubmitOptions): Promise<SubmitOutcome> {
  const submission = new Submission(connection, plan, options, await planName(plan), await pieceNames(plan));
  return submission.run();
}

class Submission {
  readonly #ledger: Ledger;
  readonly #intake: Intake;
  readonly #notes: NoteReader;
  readonly #alive = new Map<string, { readonly said: Alive; readonly at: number }>();

  constructor(
    readonly connection: NatsConnection,
    readonly plan: Plan,
    readonly options: SubmitOptions,
    readonly name: string,
    pieces: readonly string[],
  ) {
    const log = (line: string) => this.#log(line);
    const ledger = new Ledger(pieces);
    this.#ledger = ledger;
    this.#intake = new Intake({ ledger, log, keep: (number, result) => this.#keep(number, result) });
    this.#notes = new NoteReader({ ledger, log, onConflict: options.onConflict });
  }

  async run(): Promise<SubmitOutcome> {
    const { store, signal, check } = this.options;
    const ledger = this.#ledger;
    for (const piece of await store.names()) {
      const number = ledger.numbers.get(piece);
      if (number !== undefined && (await store.get(piece)) !== undefined) ledger.mark(number);
    }
    const before = ledger.done;
    const listening = this.connection.subscribe(`comhe.${this.name}.alive`, {
      callback: (_, message) => this.#hear(message?.data),
    });
    const desk =
      check &&
      new ClaimDesk(this.connection, this.plan, this.name, ledger.numbers, check, {
        wanted: (number) => !ledger.has(number),
        keep: (number, result) => this.#keep(number, result),
        log: (line) => this.#log(line),
      });
    let cancelled = false;
    try {
      cancelled = await this.#watch(desk);
      if (ledger.finished()) await this.#cleanUp();
    } finally {
      listening.unsubscribe();
      await desk?.close();
    }
    return {
      ...{ done: ledger.done, before, cancelled, interrupted: signal?.aborted ?? false },
      failed: ledger.failed(),
      refusals: [...ledger.refusals.values()],
    };
  }

  /** Until all is here. @returns whether someone else took the plan off the board */
  async #watch(desk: ClaimDesk | undefined): Promise<boolean> {
    const { signal, patience = defaultPatience } = this.options;
    const ledger = this.#ledger;
    let space: PlanSpace | undefined;
    let looked = 0;
    while (!ledger.finished() && !signal?.aborted && !this.connection.isClosed()) {
      try {
        space ??= await this.#post();
        await this.#intake.take(space);
        if (Date.now() - looked > lookEvery) {
          await this.#notes.read(space.notes);
          const entry = await (await Board.open(this.connection)).entry(this.name);
          if (entry?.state === "cancelled") return true;
          // Nobody sees a plan that isn't on the board.
          if (entry === undefined) space = undefined;
          looked = Date.now();
        }
        // All that is missing waits at the desk.
        if (desk && desk.waiting > 0 && ledger.missing() <= desk.waiting) await desk.release();
        // Whatever came of them, pieces without a result or a message are put out again.
        if (space && ledger.quietFor() > Math.min(patience, 5000) && (await isIdle(space))) {
          await desk?.release();
          await this.#intake.take(space);
          if (!ledger.finished()) await putOut(space, ledger);
        }
      } catch (error) {
        if (!isPassing(error) && !isMissing(error)) throw error;
        this.#log(`the server: ${(error as Error).message}; trying again`);
        if (isMissing(error)) {
          // Its store is another one now: all that isn't here is put out anew.
          space = undefined;
          this.#intake.startAnew();
        }
        await pause(500);
      }
      this.#tell();
    }
    return false;
  }

  /** Puts the plan on the board, and its pieces out. */
  async #post(): Promise<PlanSpace> {
    const { tries = 5, patience = defaultPatience, replicas, check } = this.options;
    const space = await makeSpace(this.connection, this.name, { patience }, replicas);
    const board = await Board.open(this.connection, replicas);
    const entry = { state: "open", tries, patience, pieces: this.#ledger.count } as const;
    await board.post(this.name, this.plan, check ? { ...entry, check: check.share } : entry);
    await putOut(space, this.#ledger);
    this.connection.publish(postedSubject);
    return space;
  }

  async #cleanUp(): Promise<void> {
    const remove = async () => (await Board.open(this.connection)).remove(this.name);
    await persistently(this.connection, remove, this.options.signal).catch(() => {});
    await removeSpace(this.connection, this.name).catch(() => {});
  }

  async #keep(number: number, result: StoredResult): Promise<void> {
    checkResult(this.plan, pieceAt(this.plan, number), result);
    const { conflict } = await settle(this.plan, number, this.options.store, result);
    if (conflict) this.options.onConflict?.(conflict);
    this.#ledger.mark(number);
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
      done: this.#ledger.done,
      of: this.#ledger.count,
      workers: [...this.#alive.values()].map(({ said }) => said),
    });
  }
}
