/** The plans on a server: each whole, with its state. A worker looks here for what there is to do. */

import { type KV, Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/nats-core";
import { type ObjectStore, Objm } from "@nats-io/obj";
import { isName } from "../identity/digest.js";
import { checkPlan } from "../plan/check-plan.js";
import { planName } from "../plan/pieces.js";
import type { Plan } from "../plan/schema.js";
import { type BoardEntry, boardSchema, parseMessage } from "./messages.js";
import { plansBucket } from "./names.js";

/** Bytes of a plan that are looked at. */
const largestPlan = 2 ** 28;

/** The plans on a server, each whole, with its state. */
export class Board {
  private constructor(
    /** The bucket of the plans' states, by the plans' names. */
    readonly states: KV,
    /** The bucket of the plans, by their names. */
    readonly plans: ObjectStore,
  ) {}

  /**
   * Opens the board of a server, and makes one where there is none yet.
   *
   * @param replicas how many copies a cluster keeps of a new one: 1, 3 or 5; default 1
   */
  static async open(connection: NatsConnection, replicas = 1): Promise<Board> {
    const [states, plans] = [
      await new Kvm(connection).create(plansBucket, { replicas }),
      await new Objm(connection).create(plansBucket, { replicas }),
    ];
    return new Board(states, plans);
  }

  /**
   * Opens the board of a server for whoever may only read it.
   *
   * @throws whatever the server says where there is none
   */
  static async visit(connection: NatsConnection): Promise<Board> {
    return new Board(await new Kvm(connection).open(plansBucket), await new Objm(connection).open(plansBucket));
  }

  /** The names of plans, with their states. What doesn't fit the schema isn't one. */
  async list(): Promise<ReadonlyMap<string, BoardEntry>> {
    const found = new Map<string, BoardEntry>();
    for await (const name of await this.states.keys()) {
      const entry = isName(name) ? await this.entry(name) : undefined;
      if (entry) found.set(name, entry);
    }
    return found;
  }

  /** The state of one plan; `undefined` where there is none by that name. */
  async entry(name: string): Promise<BoardEntry | undefined> {
    const kept = await this.states.get(name);
    return kept?.operation === "PUT" ? parseMessage(boardSchema, kept.value) : undefined;
  }

  /**
   * Reads the plan of a name.
   *
   * @throws EnergyError `unsupported` for a plan of another version, `invalid-config` for what is no plan
   * @throws Error where it isn't there, or isn't the plan of that name
   */
  async plan(name: string): Promise<Plan> {
    const info = await this.plans.info(name);
    if (info === null || info.deleted || info.size > largestPlan)
      throw new Error(`plan ${name} isn't there, or is too large`);
    const bytes = await this.plans.getBlob(name);
    if (bytes === null) throw new Error(`plan ${name} isn't there`);
    const plan = checkPlan(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
    if ((await planName(plan)) !== name) throw new Error(`plan ${name} is another one by that name`);
    return plan;
  }

  /** Puts a plan on the board, with its state; a plan that is there already stays as it is, and takes the state. */
  async post(name: string, plan: Plan, entry: BoardEntry): Promise<void> {
    const there = await this.plans.info(name);
    // What was taken off the board before has left a mark that it was deleted.
    if (there === null || there.deleted) {
      await this.plans.putBlob({ name }, new TextEncoder().encode(JSON.stringify(plan)));
    }
    await this.states.put(name, JSON.stringify(entry));
  }

  /** Takes a plan and its state off the board; results stay where they are. */
  async remove(name: string): Promise<void> {
    await this.states.purge(name);
    await this.plans.delete(name).catch(() => {});
  }
}
