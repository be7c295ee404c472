/**
 * An untrusted worker, such as a web page: it takes pieces of the plans that allow it, computes them, and hands its results to
 * the process that submitted the plan, which computes a sample of them again. It writes nothing else to the server.
 */
import type { Backend } from "@comhe/core";
import type { JsMsg } from "@nats-io/jetstream";
import { headers, type NatsConnection } from "@nats-io/nats-core";
import { PieceRunner } from "../piece/piece-runner.js";
import { pieceAt, pieceCount, pieceName } from "../plan/pieces.js";
import type { Plan } from "../plan/schema.js";
import { allowAddresses } from "../source/allow-addresses.js";
import { encodeResult } from "../store/stored-result.js";
import { Board } from "./board.js";
import { type Joined, JoinedPlans } from "./joined-plan.js";
import { claimHeader, parseMessage, plainText, workSchema } from "./messages.js";
import { acknowledge } from "./piece-message.js";
import { isMissing, isPassing, pause } from "./retry.js";

/** Options of {@link workAsGuest}. */
export interface GuestOptions {
  /** The backend that computes. */
  readonly backend: Backend<unknown>;
  /** The name of the guest, under which it takes pieces. */
  readonly name: string;
  /** A name of the backend that includes its instruction set. Default: the backend's name. */
  readonly backendName?: string | undefined;
  /** Beginnings of addresses that may be read. Default: none, which suffices for simulated tables. */
  readonly allow?: readonly string[] | undefined;
  /** How many bytes of blocks of rows are kept for the next piece. Default 256 MiB. */
  readonly mostBytes?: number | undefined;
  /** Stops the guest; its current piece is given to others. */
  readonly signal?: AbortSignal | undefined;
  /** Called with a line of text for everything that is refused or fails. */
  readonly onLog?: ((line: string) => void) | undefined;
  /** Called with the progress of a piece, and at the end with the answer to its result: "taken", or "refused: …". */
  readonly onPiece?: ((piece: GuestPiece) => void) | undefined;
}

/** A piece that a guest computes. */
export interface GuestPiece {
  /** The plan's name. */
  readonly plan: string;
  /** The piece's place in the plan's order, from 0. */
  readonly number: number;
  /** The share of it that is done, from 0 to 1. */
  readonly share: number;
  /** How many milliseconds it has taken so far. */
  readonly milliseconds: number;
  /** The answer, once its result was handed in. */
  readonly answer?: string | undefined;
}

/** Milliseconds between two looks at the board. */
const lookEvery = 2000;
/** Milliseconds that whoever submitted may take to look at a result, which he may compute again. */
const answerWithin = 120_000;

/**
 * Takes part as an untrusted worker, until the options' `signal` or the connection ends it.
 *
 * @returns how many results were accepted
 * @throws whatever the server refuses, for lack of permissions say
 */
export async function workAsGuest(connection: NatsConnection, options: GuestOptions): Promise<number> {
  return new Guest(connection, options).run();
}

class Guest {
  readonly #plans: JoinedPlans;
  readonly #runner: PieceRunner;
  #taken = 0;

  constructor(
    readonly connection: NatsConnection,
    readonly options: GuestOptions,
  ) {
    const { backend, allow = [], mostBytes } = options;
    this.#plans = new JoinedPlans(connection, async (_, reason) => this.#log(reason));
    this.#runner = new PieceRunner({ backend, allow: allowAddresses(allow), mostBytes });
  }

  async run(): Promise<number> {
    let looked = 0;
    while (!this.#ended()) {
      try {
        if (Date.now() - looked > lookEvery) {
          await this.#plans.follow(await Board.visit(this.connection), ({ check }) => check !== undefined);
          looked = Date.now();
        }
        const joined = this.#plans.choose();
        if (joined === undefined) await pause(200);
        else await this.#takeNext(joined);
      } catch (error) {
        // A server that nobody has submitted to yet has no board.
        if (!isPassing(error) && !isMissing(error)) throw error;
        await pause(500);
      }
    }
    await this.#runner.close();
    return this.#taken;
  }

  #ended(): boolean {
    return (this.options.signal?.aborted ?? false) || this.connection.isClosed();
  }

  #log(line: string): void {
    this.options.onLog?.(plainText(line));
  }

  async #takeNext(joined: Joined): Promise<void> {
    let message: JsMsg | null;
    try {
      message = await this.#plans.next(joined, 1000);
    } catch (error) {
      this.#plans.forget(joined);
      if (isMissing(error)) this.#plans.leave(joined);
      throw error;
    }
    if (message !== null) await this.#take(joined, message);
  }

  async #take(joined: Joined, message: JsMsg): Promise<void> {
    const { plan, name, entry } = joined;
    const number = parseMessage(workSchema, message.data, 256)?.number;
    // Workers that are trusted throw it away.
    if (number === undefined || number >= pieceCount(plan)) return message.nak();
    const begin = performance.now();
    let [share, told] = [0, begin];
    const tell = (answer?: string) =>
      this.options.onPiece?.({ plan: name, number, share, milliseconds: performance.now() - begin, answer });
    // Between two stretches of computing the line gets its turn, and the server hears that it goes on.
    const tick = async (done: number) => {
      share = done;
      if (performance.now() - told < Math.min(1000, entry.patience / 3)) return;
      told = performance.now();
      message.working();
      tell();
      await pause(0);
      if (this.#ended()) throw new Stopped();
    };
    try {
      const bytes = await this.#compute(plan, number, tick, begin);
      share = 1;
      const answer = await this.#handIn(joined, number, bytes, message);
      if (answer === "taken") {
        this.#taken++;
        await acknowledge(message);
      } else message.nak();
      tell(answer);
      if (answer !== "taken") await this.#plans.give(name, answer);
    } catch (error) {
      message.nak();
      if (error instanceof Stopped || isPassing(error)) return;
      await this.#plans.give(name, `piece ${number}: ${(error as Error).message}`);
    }
  }

  async #compute(plan: Plan, number: number, tick: (share: number) => Promise<void>, begin: number) {
    const { backend, name, backendName = backend.name } = this.options;
    const piece = pieceAt(plan, number);
    const output = await this.#runner.run(plan, piece, tick);
    return encodeResult({
      ...{ piece: await pieceName(plan, piece), by: { worker: name, backend: backendName }, ...output },
      milliseconds: performance.now() - begin,
    });
  }

  /** @returns what was said of it */
  async #handIn({ plan, entry, space }: Joined, number: number, bytes: Uint8Array, message: JsMsg): Promise<string> {
    const about = headers();
    about.set(claimHeader, await pieceName(plan, pieceAt(plan, number)));
    const working = setInterval(() => message.working(), entry.patience / 3);
    try {
      const request = { headers: about, timeout: answerWithin };
      return plainText((await this.connection.request(space.names.claims, bytes, request)).string(), 500);
    } finally {
      clearInterval(working);
    }
  }
}

/** Told to stop in the middle of a piece. */
class Stopped extends Error {}
