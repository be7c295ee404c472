/** Results that come to a server, taken over in the order they came. */
import type { JsMsg } from "@nats-io/jetstream";
import type { StoredResult } from "../store/stored-result.js";
import type { Ledger } from "./ledger.js";
import type { PlanSpace } from "./plan-space.js";
import { isPassing, pause } from "./retry.js";

/** What it is told by whoever waits for the plan. */
export interface IntakeOptions {
  readonly ledger: Ledger;
  /** Keeps a result here. @throws what isn't a result of the piece, or can't be kept */
  readonly keep: (number: number, result: StoredResult) => Promise<void>;
  readonly log: (line: string) => void;
}

/** Milliseconds between two looks at a server that has nothing new. */
const lookEvery = 100;

/** Remembers how far it is. */
export class Intake {
  /** The last message of the results' stream that was taken over. */
  #seen = 0;

  constructor(readonly options: IntakeOptions) {}

  /** The server's store is another one. */
  startAnew(): void {
    this.#seen = 0;
  }

  /** Takes over what is new. Returns when there is nothing for a moment. */
  async take(space: PlanSpace): Promise<void> {
    const { manager, client, names } = space;
    const stream = `KV_${names.results}`;
    const { state } = await manager.streams.info(stream);
    // Fewer than were seen: another store.
    if (state.last_seq < this.#seen) this.#seen = 0;
    if (state.last_seq === this.#seen) {
      await pause(lookEvery);
      return;
    }
    const consumer = await client.consumers.get(stream, { opt_start_seq: this.#seen + 1 });
    const fetched = await consumer.fetch({ max_messages: Math.min(500, state.last_seq - this.#seen), expires: 2000 });
    for await (const message of fetched) {
      if (!(await this.#takeOne(space, message))) return;
      this.#seen = Math.max(this.#seen, message.seq);
    }
  }

  /** @returns false where it can't be kept for the moment */
  async #takeOne({ store, client, names }: PlanSpace, message: JsMsg): Promise<boolean> {
    const { ledger, keep, log } = this.options;
    const piece = message.subject.slice(`$KV.${names.results}.`.length);
    const number = ledger.numbers.get(piece);
    if (number === undefined) {
      log("a result of no piece is left where it is");
      return true;
    }
    const isPut = message.headers?.get("KV-Operation") ? false : message.data.length > 0;
    if (!isPut || ledger.has(number)) return true;
    try {
      await keep(number, await store.read(piece, message.data));
    } catch (error) {
      if (isPassing(error)) throw error;
      const { code } = error as NodeJS.ErrnoException;
      // The disk here: the result stays on the server, and is tried again.
      if (code !== undefined && /^E[A-Z]+$/.test(code)) {
        log(`a result can't be kept here (${code}); trying again`);
        await pause(1000);
        return false;
      }
      log(`piece ${number}: ${(error as Error).message}`);
      await store.results.purge(piece);
      await client.publish(names.workSubject, JSON.stringify({ number }));
    }
    return true;
  }
}
