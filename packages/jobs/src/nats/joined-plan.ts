/** Plans that a worker takes part in, as the board has them. */
import type { NatsConnection } from "@nats-io/nats-core";
import { pieceCount } from "../plan/pieces.js";
import type { Plan } from "../plan/schema.js";
import type { Board } from "./board.js";
import type { BoardEntry } from "./messages.js";
import { openSpace, type PlanSpace } from "./plan-space.js";
import { isPassing } from "./retry.js";

/** A plan that a worker takes part in. */
export interface Joined {
  readonly name: string;
  readonly plan: Plan;
  readonly entry: BoardEntry;
  readonly space: PlanSpace;
  /** Pieces that it is at, and how far. */
  readonly underWay: Map<number, number>;
  done: number;
  gone: boolean;
  /** When it had nothing to do last; 0: there may be more. */
  emptyAt: number;
}

/** The plans of one worker. */
export class JoinedPlans {
  readonly #joined = new Map<string, Joined>();
  /** Plans that it doesn't take, once said why. */
  readonly #refused = new Set<string>();
  readonly #infos = new Map<string, Awaited<ReturnType<PlanSpace["manager"]["consumers"]["info"]>>>();
  #turn = 0;

  /** @param refuse told why a plan isn't taken */
  constructor(
    readonly connection: NatsConnection,
    readonly refuse: (name: string, reason: string, joined: Joined | undefined) => Promise<void>,
  ) {}

  all(): readonly Joined[] {
    return [...this.#joined.values()];
  }

  /** Whether a piece of any of them is under way. */
  busy(): boolean {
    return this.all().some(({ underWay }) => underWay.size > 0);
  }

  /** Joins what is new on the board, and leaves what isn't there any more. @param takes which plans are looked at */
  async follow(board: Board, takes: (entry: BoardEntry) => boolean = () => true): Promise<void> {
    const plans = await board.list();
    for (const [name, joined] of this.#joined) if (plans.get(name)?.state !== "open") this.leave(joined);
    for (const [name, entry] of plans) {
      if (entry.state === "open" && takes(entry) && !this.#joined.has(name) && !this.#refused.has(name))
        await this.#join(board, name, entry);
    }
  }

  /** It is done, or will be put out anew: the board knows. */
  leave(joined: Joined): void {
    joined.gone = true;
    this.#joined.delete(joined.name);
    this.#infos.delete(joined.name);
  }

  /** Leaves a plan for good; others may take what this one can't. */
  async give(name: string, reason: string): Promise<void> {
    const joined = this.#joined.get(name);
    this.#refused.add(name);
    if (joined) this.leave(joined);
    await this.refuse(name, reason, joined);
  }

  /** In turn among those that have something to do; else the one that wasn't asked for the longest. */
  choose(): Joined | undefined {
    const plans = this.all();
    const busy = plans.filter(({ emptyAt }) => emptyAt === 0);
    if (busy.length > 0) return busy[this.#turn++ % busy.length]!;
    const [first, ...others] = plans;
    if (first === undefined) return undefined;
    const next = others.reduce((least, each) => (each.emptyAt < least.emptyAt ? each : least), first);
    next.emptyAt = Date.now();
    return next;
  }

  /** The next piece's message; `null` where there is none for a while. @param expires milliseconds that are waited */
  async next(joined: Joined, expires: number) {
    const { name, space } = joined;
    let info = this.#infos.get(name);
    if (info === undefined) {
      info = await space.manager.consumers.info(space.names.work, space.names.consumer);
      this.#infos.set(name, info);
    }
    const message = await space.client.consumers.getConsumerFromInfo(info).next({ expires });
    joined.emptyAt = message === null ? Date.now() : 0;
    return message;
  }

  /** Asks the server anew which consumer a plan has. */
  forget(joined: Joined): void {
    this.#infos.delete(joined.name);
  }

  async #join(board: Board, name: string, entry: BoardEntry): Promise<void> {
    let plan: Plan;
    try {
      plan = await board.plan(name);
      if (pieceCount(plan) !== entry.pieces)
        throw new Error(`it has ${pieceCount(plan)} pieces, but is announced with ${entry.pieces}`);
    } catch (error) {
      if (!isPassing(error)) await this.give(name, `plan ${name.slice(0, 8)} is refused: ${(error as Error).message}`);
      return;
    }
    const space = await openSpace(this.connection, name);
    this.#joined.set(name, { name, plan, entry, space, underWay: new Map(), done: 0, gone: false, emptyAt: 0 });
  }
}
