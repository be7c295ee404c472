/** What a worker that is trusted does with one piece: computes it, keeps its result on the server, and says so; or says why not. */
import type { JsMsg } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { PieceFailed, type PieceThread } from "../node/piece-thread.js";
import { checkResult } from "../piece/check-result.js";
import { pieceAt, pieceCount, pieceName } from "../plan/pieces.js";
import { settle } from "../store/settle.js";
import type { Maker, StoredResult } from "../store/stored-result.js";
import type { Joined } from "./joined-plan.js";
import { parseMessage, plainText, workSchema } from "./messages.js";
import { acknowledge } from "./piece-message.js";
import { persistently } from "./retry.js";

/** What it is told by the worker. */
export interface TakerOptions {
  readonly connection: NatsConnection;
  readonly signal: AbortSignal | undefined;
  /** Who computes. */
  readonly by: () => Maker;
  readonly log: (line: string) => void;
  /** Called after each piece that was kept. */
  readonly onPiece: ((number: number, milliseconds: number) => void) | undefined;
  /** Leaves a plan to others. */
  readonly refuse: (plan: string, reason: string) => Promise<void>;
}

/** Keys of notes may have no other characters. */
export const safeKey = (name: string): string => name.replaceAll(/[^\w-]/g, "_").slice(0, 100);

/** Takes messages of plans. */
export class PieceTaker {
  constructor(readonly options: TakerOptions) {}

  /** @returns whether a result was kept. @throws what isn't the piece's fault */
  async take(joined: Joined, message: JsMsg, thread: PieceThread): Promise<boolean> {
    const { plan, entry, space, underWay } = joined;
    const number = parseMessage(workSchema, message.data, 256)?.number;
    if (number === undefined || number >= pieceCount(plan)) {
      this.options.log(`plan ${joined.name.slice(0, 8)}: a message that names no piece is thrown away`);
      message.term("names no piece");
      return false;
    }
    const piece = pieceAt(plan, number);
    const name = await pieceName(plan, piece);
    const tries = message.info.deliveryCount;
    // Given out again: its first worker may have been done, and died before it said so.
    if (tries > 1 && (await space.store.get(name)) !== undefined) {
      await acknowledge(message);
      return false;
    }
    // Where strangers take part, what they gave back says nothing about the piece.
    if (tries > entry.tries && entry.check === undefined) {
      await this.#giveUp(joined, number, tries - 1, "its workers died or stopped answering", message);
      return false;
    }
    underWay.set(number, 0);
    const working = setInterval(() => message.working(), entry.patience / 3);
    try {
      const output = await thread.run(plan, number, (share) => underWay.set(number, share));
      const result: StoredResult = { piece: name, by: this.options.by(), ...output };
      checkResult(plan, piece, result);
      await this.#keep(joined, number, result);
      await acknowledge(message);
      joined.done++;
      this.options.onPiece?.(number, output.milliseconds);
      return true;
    } catch (error) {
      if (this.options.signal?.aborted) {
        message.nak();
        return false;
      }
      if (!(error instanceof PieceFailed)) throw error;
      await this.#failed(joined, number, tries, error, message);
      return false;
    } finally {
      clearInterval(working);
      underWay.delete(number);
    }
  }

  async #failed(joined: Joined, number: number, tries: number, error: PieceFailed, message: JsMsg): Promise<void> {
    const said = `piece ${number}: ${error.message}`;
    if (error.code === "unsupported" || error.code === "invalid-file" || error.code === "missing-peer") {
      message.nak(500);
      await this.options.refuse(joined.name, said);
    } else if (tries >= joined.entry.tries) await this.#giveUp(joined, number, tries, error.message, message);
    else {
      this.options.log(`${said} (try ${tries} of ${joined.entry.tries})`);
      message.nak(Math.min(30_000, 250 * 2 ** tries));
    }
  }

  async #keep({ plan, space, name }: Joined, number: number, result: StoredResult): Promise<void> {
    const { connection, signal } = this.options;
    const { conflict } = await persistently(connection, () => settle(plan, number, space.store, result), signal);
    if (conflict === undefined) return;
    this.options.log(
      `plan ${name.slice(0, 8)}: piece ${number} contradicts the result of ${conflict.kept.worker} (${conflict.difference.of})`,
    );
    const key = `conflict.${number}.${safeKey(this.options.by().worker)}`;
    await space.notes.put(key, JSON.stringify(conflict)).catch(() => {});
  }

  async #giveUp({ space, name }: Joined, number: number, tries: number, error: string, message: JsMsg): Promise<void> {
    const { connection, signal, log, by } = this.options;
    log(`plan ${name.slice(0, 8)}: piece ${number} is given up after ${tries} tries: ${error}`);
    const note = JSON.stringify({ ...by(), number, tries, error: plainText(error) });
    await persistently(connection, () => space.notes.put(`dead.${number}`, note), signal);
    message.term("given up");
  }
}
