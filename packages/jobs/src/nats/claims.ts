/**
 * Results of workers that aren't trusted, a stranger's machine, say. They reach the plan's owner alone, who computes a sample of them
 * again. Until a later one of the same worker was right, none of its results counts; after a wrong one, none of it does any more.
 */
import { randomInt } from "node:crypto";
import type { Msg, NatsConnection, Subscription } from "@nats-io/nats-core";
import type { PieceThread } from "../node/piece-thread.js";
import { checkResult } from "../piece/check-result.js";
import { disagreement } from "../piece/disagreement.js";
import { pieceAt, planName } from "../plan/pieces.js";
import type { Plan } from "../plan/schema.js";
import { decodeResult, type StoredResult } from "../store/stored-result.js";
import { plainText } from "./messages.js";
import { namesOf } from "./names.js";

/** How results of workers that aren't trusted are checked. */
export interface Check {
  /** Part of them that is computed again, above 0 up to 1: all. A worker's first result is in any case. */
  readonly share: number;
  /** What computes them again. */
  readonly thread: PieceThread;
  /** Workers by name that lied. */
  readonly onBanned?: ((worker: string) => void) | undefined;
}

interface Owner {
  /** Whether a piece has no result yet. */
  wanted(number: number): boolean;
  keep(number: number, result: StoredResult): Promise<void>;
  log(line: string): void;
}

interface Claimant {
  /** Not looked at, and not counted until a later one was right. */
  pending: { readonly number: number; readonly result: StoredResult }[];
  banned: boolean;
}

/** Results that wait, at most, for all workers together. */
const mostPending = 10_000;
/** Workers that are remembered. */
const mostClaimants = 10_000;
/** The header that names a claim's piece. */
export const claimHeader = "Comhe-Piece";

/** Takes results of workers that aren't trusted. */
export class ClaimDesk {
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #claimants = new Map<string, Claimant>();
  readonly #listening: Promise<Subscription>;
  #queue: Promise<void> = Promise.resolve();
  #pending = 0;

  constructor(
    readonly connection: NatsConnection,
    readonly plan: Plan,
    pieces: readonly string[],
    readonly check: Check,
    readonly owner: Owner,
  ) {
    this.#numbers = new Map(pieces.map((piece, number) => [piece, number]));
    this.#listening = planName(plan).then((name) =>
      connection.subscribe(namesOf(name).claims, {
        // One after another: the check computes on one thread.
        callback: (_, message) => {
          if (message === undefined) return;
          this.#queue = this.#queue.then(() => this.#answer(message));
        },
      }),
    );
  }

  /** Looks at what waits, so that a worker that has gone away keeps nothing from its end. */
  async release(): Promise<void> {
    await this.#queue;
    for (const [worker, claimant] of this.#claimants) {
      const last = claimant.pending.pop();
      if (last === undefined) continue;
      this.#pending--;
      await this.#judge(worker, claimant, last.number, last.result);
    }
  }

  async close(): Promise<void> {
    (await this.#listening).unsubscribe();
    await this.#queue;
    await this.check.thread.stop();
  }

  async #answer(message: Msg): Promise<void> {
    let answer = "taken";
    try {
      answer = await this.#take(message);
    } catch (error) {
      answer = `refused: ${plainText((error as Error).message, 300)}`;
    }
    if (answer !== "taken") this.owner.log(`a claim is ${answer}`);
    message.respond(answer);
  }

  async #take(message: Msg): Promise<string> {
    const piece = message.headers?.get(claimHeader) ?? "";
    const number = this.#numbers.get(piece);
    if (number === undefined) return "refused: it is of no piece of this plan";
    const given = await decodeResult(piece, message.data);
    checkResult(this.plan, pieceAt(this.plan, number), given);
    // Under a name of its own, so that it can't be taken for a trusted worker's.
    const worker = `claim:${plainText(given.by.worker, 200)}`;
    const result = { ...given, by: { worker, backend: plainText(given.by.backend, 200) } };
    const claimant = this.#claimants.get(worker) ?? { pending: [], banned: false };
    if (!this.#claimants.has(worker)) {
      if (this.#claimants.size >= mostClaimants) return "refused: there are too many workers";
      this.#claimants.set(worker, claimant);
    }
    if (claimant.banned) return `refused: an earlier result of ${worker} was wrong`;
    // A replay, or someone else's.
    if (!this.owner.wanted(number) || claimant.pending.some((each) => each.number === number)) return "taken";
    const first = claimant.pending.length === 0;
    if (first || this.#pending >= mostPending || randomInt(1_000_000) < this.check.share * 1_000_000) {
      return this.#judge(worker, claimant, number, result);
    }
    claimant.pending.push({ number, result });
    this.#pending++;
    return "taken";
  }

  async #judge(worker: string, claimant: Claimant, number: number, result: StoredResult): Promise<string> {
    const own = await this.check.thread.run(this.plan, number);
    const mine: StoredResult = {
      piece: result.piece,
      by: { worker: "check", backend: await this.check.thread.backend() },
      ...own,
    };
    const difference = disagreement(this.plan, mine, result);
    await this.owner.keep(number, mine);
    this.#pending -= claimant.pending.length;
    const { pending } = claimant;
    claimant.pending = [];
    if (difference !== undefined) {
      claimant.banned = true;
      this.check.onBanned?.(worker);
      const by = difference.by === null ? "" : ` by ${difference.by.toExponential(1)}`;
      return `refused: ${worker}: piece ${number} is wrong in its ${difference.of}${by}; ${pending.length} more of its results are dropped`;
    }
    for (const each of pending) if (this.owner.wanted(each.number)) await this.owner.keep(each.number, each.result);
    return "taken";
  }
}
