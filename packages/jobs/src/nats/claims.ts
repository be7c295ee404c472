/**
 * Results of workers that aren't trusted, a page's, say. They reach the plan's owner alone, who computes a sample of them again. Until the
 * end none of the others counts, unless too many wait; after a wrong one none of that worker's does any more.
 */
import { randomInt } from "node:crypto";
import type { Msg, NatsConnection, Subscription } from "@nats-io/nats-core";
import type { PieceThread } from "../node/piece-thread.js";
import { checkResult } from "../piece/check-result.js";
import { disagreement } from "../piece/disagreement.js";
import { pieceAt } from "../plan/pieces.js";
import type { Plan } from "../plan/schema.js";
import { decodeResult, type StoredResult } from "../store/stored-result.js";
import { claimHeader, plainText } from "./messages.js";
import { namesOf } from "./names.js";

/** How results of workers that aren't trusted are checked. */
export interface Check {
  /**
   * Which share of them is computed again, above 0 and at most 1, all of them. A worker's first result always is, and one more before the others
   * count.
   */
  readonly share: number;
  /** What computes them again. */
  readonly thread: PieceThread;
  /** Called with the name of each worker whose result was wrong; the worker is shut out. */
  readonly onBanned?: ((worker: string) => void) | undefined;
}

interface Owner {
  /** Whether a piece has no result yet. */
  wanted(number: number): boolean;
  keep(number: number, result: StoredResult): Promise<void>;
  log(line: string): void;
}

interface Claim {
  readonly number: number;
  readonly result: StoredResult;
  readonly bytes: number;
}

interface Claimant {
  /** Not looked at, and not counted yet. */
  pending: Claim[];
  /** Of them is right what was looked at. */
  known: boolean;
  banned: boolean;
}

/** Bytes of results that wait, at most, for all workers together. */
const mostPending = 2 ** 26;
/** Workers that are remembered. */
const mostClaimants = 10_000;

/** Takes results of workers that aren't trusted. */
export class ClaimDesk {
  readonly #claimants = new Map<string, Claimant>();
  readonly #listening: Subscription;
  #queue: Promise<void> = Promise.resolve();
  #pending = 0;

  /** @param name the plan's, and @param numbers its pieces by name */
  constructor(
    connection: NatsConnection,
    readonly plan: Plan,
    name: string,
    readonly numbers: ReadonlyMap<string, number>,
    readonly check: Check,
    readonly owner: Owner,
  ) {
    this.#listening = connection.subscribe(namesOf(name).claims, {
      // One after another: the check computes on one thread.
      callback: (_, message) => {
        if (message === undefined) return;
        this.#queue = this.#queue.then(() => this.#answer(message));
      },
    });
  }

  /** Results that wait until others are right. */
  get waiting(): number {
    return [...this.#claimants.values()].reduce((sum, { pending }) => sum + pending.length, 0);
  }

  /** Looks at one of each worker's that wait; where it is right, the others count. */
  release(): Promise<void> {
    // In its turn: the check computes on one thread.
    const released = this.#queue.then(async () => {
      for (const [worker, claimant] of this.#claimants) {
        const answer = await this.#releaseOf(worker, claimant);
        if (answer !== "taken") this.owner.log(`a claim is ${answer}`);
      }
    });
    this.#queue = released.catch(() => {});
    return released;
  }

  async close(): Promise<void> {
    this.#listening.unsubscribe();
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
    const number = this.numbers.get(piece);
    if (number === undefined) return "refused: it is of no piece of this plan";
    const given = await decodeResult(piece, message.data);
    checkResult(this.plan, pieceAt(this.plan, number), given);
    // Under a name of its own, so that it can't be taken for a trusted worker's.
    const worker = `claim:${plainText(given.by.worker, 200)}`;
    const result = { ...given, by: { worker, backend: plainText(given.by.backend, 200) } };
    const claimant = this.#claimants.get(worker) ?? { pending: [], known: false, banned: false };
    if (!this.#claimants.has(worker)) {
      if (this.#claimants.size >= mostClaimants) return "refused: there are too many workers";
      this.#claimants.set(worker, claimant);
    }
    if (claimant.banned) return `refused: an earlier result of ${worker} was wrong`;
    // A replay, or someone else's.
    if (!this.owner.wanted(number) || claimant.pending.some((each) => each.number === number)) return "taken";
    const claim = { number, result, bytes: message.data.length };
    if (!claimant.known || randomInt(1_000_000) < this.check.share * 1_000_000) {
      return this.#judge(worker, claimant, claim);
    }
    claimant.pending.push(claim);
    this.#pending += claim.bytes;
    return this.#pending > mostPending ? this.#releaseOf(worker, claimant) : "taken";
  }

  /** One at random, so that nobody knows beforehand which. */
  async #releaseOf(worker: string, claimant: Claimant): Promise<string> {
    const { pending } = claimant;
    if (pending.length === 0) return "taken";
    const [chosen] = pending.splice(randomInt(pending.length), 1);
    this.#pending -= chosen!.bytes;
    const answer = await this.#judge(worker, claimant, chosen!);
    for (const { number, result } of this.#drop(claimant)) {
      if (this.owner.wanted(number)) await this.owner.keep(number, result);
    }
    return answer;
  }

  /** Computes it again. The own result is kept in any case. */
  async #judge(worker: string, claimant: Claimant, { number, result }: Claim): Promise<string> {
    const { thread, onBanned } = this.check;
    const own = await thread.run(this.plan, number);
    const mine: StoredResult = {
      piece: result.piece,
      by: { worker: "check", backend: await thread.backend() },
      ...own,
    };
    const difference = disagreement(this.plan, mine, result);
    await this.owner.keep(number, mine);
    if (difference === undefined) {
      claimant.known = true;
      return "taken";
    }
    claimant.banned = true;
    onBanned?.(worker);
    const dropped = this.#drop(claimant).length;
    const by = difference.by === null ? "" : ` by ${difference.by.toExponential(1)}`;
    return `refused: ${worker}: piece ${number} is wrong in its ${difference.of}${by}; ${dropped} more of its results are dropped`;
  }

  #drop(claimant: Claimant): readonly Claim[] {
    const { pending } = claimant;
    claimant.pending = [];
    for (const { bytes } of pending) this.#pending -= bytes;
    return pending;
  }
}
