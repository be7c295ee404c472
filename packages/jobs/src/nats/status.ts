/** What is going on on a server, and how to end it. */

import { EnergyError } from "@comhe/core/layouts";
import type { NatsConnection } from "@nats-io/nats-core";
import { Board } from "./board.js";
import {
  type Alive,
  aliveSchema,
  type DeadPiece,
  deadSchema,
  parseMessage,
  type Refusal,
  refusalSchema,
} from "./messages.js";
import { namesOf } from "./names.js";
import { openSpace } from "./plan-space.js";
import { pause } from "./retry.js";

/** How a plan on a server stands. */
export interface PlanStatus {
  /** The plan's name. */
  readonly plan: string;
  /** What is computed: "table", "layers" or "study"; "refused" where the plan can't be read. */
  readonly kind: string;
  /** Whether its pieces are computed, or were called off. */
  readonly state: "open" | "cancelled";
  /** How many pieces it has. */
  readonly pieces: number;
  /** How many pieces have results on the server; those that whoever submitted it had before aren't among them. */
  readonly done: number;
  /** How many pieces nobody has taken yet. */
  readonly waiting: number;
  /** How many pieces somebody is at. */
  readonly underWay: number;
  /** The pieces that were given up. */
  readonly dead: readonly DeadPiece[];
  /** The workers that don't take the plan, and why. */
  readonly refusals: readonly Refusal[];
  /** The workers that said that they live. */
  readonly workers: readonly Alive[];
}

/**
 * How all plans on a server stand.
 *
 * @param listen how many milliseconds to listen for workers, which say every two seconds that they live; default 2500
 */
export async function statusOf(connection: NatsConnection, listen = 2500): Promise<readonly PlanStatus[]> {
  const board = await Board.open(connection);
  const plans = await board.list();
  const heard = new Map<string, Map<string, Alive>>();
  const subscriptions = [...plans.keys()].map((name) => {
    const workers = new Map<string, Alive>();
    heard.set(name, workers);
    return connection.subscribe(namesOf(name).alive, {
      callback(_, message) {
        const said = message && parseMessage(aliveSchema, message.data, 1 << 18);
        if (said && workers.size < 10_000) workers.set(said.worker, said);
      },
    });
  });
  if (plans.size > 0) await pause(listen);
  for (const subscription of subscriptions) subscription.unsubscribe();
  const found: PlanStatus[] = [];
  for (const [plan, { state, pieces }] of plans) {
    const kind = await board.plan(plan).then(
      (known) => known.kind,
      () => "refused",
    );
    const space = await openSpace(connection, plan).catch(() => undefined);
    if (space === undefined) continue;
    const { names, manager, store, notes } = space;
    const consumer = await manager.consumers.info(names.work, names.consumer);
    const [dead, refusals]: [DeadPiece[], Refusal[]] = [[], []];
    for await (const key of await notes.keys()) {
      const entry = await notes.get(key);
      if (entry === null) continue;
      const [letter, refusal] = [parseMessage(deadSchema, entry.value), parseMessage(refusalSchema, entry.value)];
      if (letter) dead.push(letter);
      if (refusal) refusals.push(refusal);
    }
    found.push({
      ...{ plan, kind, state, pieces, dead, refusals },
      done: (await store.results.status()).values,
      waiting: consumer.num_pending,
      underWay: consumer.num_ack_pending,
      workers: [...heard.get(plan)!.values()],
    });
  }
  return found;
}

/** The one plan whose name begins so. @throws EnergyError `invalid-config` where there is none, or more than one */
export async function findPlan(connection: NatsConnection, start: string): Promise<string> {
  const names = [...(await (await Board.open(connection)).list()).keys()];
  const fitting = names.filter((name) => name.startsWith(start));
  if (fitting.length === 1) return fitting[0]!;
  const there = names.map((name) => name.slice(0, 8)).join(", ") || "none";
  throw new EnergyError(
    "invalid-config",
    `expected the name of a plan, or how one begins, got ${JSON.stringify(start)}; on the server: ${there}.`,
  );
}

/** Workers take no more of its pieces; its owner is told. Results stay until it is resumed. */
export async function cancelPlan(connection: NatsConnection, plan: string): Promise<void> {
  const board = await Board.open(connection);
  const entry = await board.entry(plan);
  if (entry === undefined)
    throw new EnergyError(
      "invalid-config",
      `the server has no plan ${plan}; \`comhe jobs status\` lists those it has.`,
    );
  await board.states.put(plan, JSON.stringify({ ...entry, state: "cancelled" }));
}

/** Opens a plan again, and gives pieces that were given up another chance. */
export async function resumePlan(connection: NatsConnection, plan: string): Promise<number> {
  const board = await Board.open(connection);
  const entry = await board.entry(plan);
  if (entry === undefined)
    throw new EnergyError(
      "invalid-config",
      `the server has no plan ${plan}; \`comhe jobs status\` lists those it has.`,
    );
  const { notes, client, names } = await openSpace(connection, plan);
  let given = 0;
  for await (const key of await notes.keys()) {
    const kept = await notes.get(key);
    const letter = kept && parseMessage(deadSchema, kept.value);
    if (letter) {
      await client.publish(names.workSubject, JSON.stringify({ number: letter.number }));
      given++;
    }
    if (letter || key.startsWith("refused.")) await notes.purge(key);
  }
  await board.states.put(plan, JSON.stringify({ ...entry, state: "open" }));
  return given;
}
