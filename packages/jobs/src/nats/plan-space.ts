/** All that one plan has on a server, opened or made. */
import {
  AckPolicy,
  DiscardPolicy,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/nats-core";
import { Objm } from "@nats-io/obj";
import type { BoardEntry } from "./messages.js";
import { namesOf, type PlanNames } from "./names.js";
import { NatsStore } from "./nats-store.js";

/** One plan's stream and buckets. */
export interface PlanSpace {
  readonly names: PlanNames;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly store: NatsStore;
  readonly notes: KV;
}

/** Opens what is there. @throws where it isn't */
export async function openSpace(connection: NatsConnection, plan: string): Promise<PlanSpace> {
  const names = namesOf(plan);
  const [buckets, objects, manager] = [new Kvm(connection), new Objm(connection), await jetstreamManager(connection)];
  const [results, notes] = [await buckets.open(names.results), await buckets.open(names.notes)];
  // Opening checks nothing; a bucket that isn't there would fail with the first result, after hours of work.
  await results.status();
  const store = new NatsStore(results, () => objects.create(names.large));
  return { names, client: jetstream(connection), manager, store, notes };
}

/** Makes what isn't there. @param replicas copies of everything that a cluster keeps: 1, 3 or 5 */
export async function makeSpace(
  connection: NatsConnection,
  plan: string,
  { patience }: Pick<BoardEntry, "patience">,
  replicas = 1,
): Promise<PlanSpace> {
  const names = namesOf(plan);
  const [buckets, manager] = [new Kvm(connection), await jetstreamManager(connection)];
  await buckets.create(names.results, { replicas });
  await buckets.create(names.notes, { replicas });
  // Where there is one server, with the first result that is large.
  if (replicas > 1) await new Objm(connection).create(names.large, { replicas });
  await manager.streams.add({
    name: names.work,
    subjects: [names.workSubject],
    // A piece is gone once it is acknowledged.
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_msg_size: 256,
    num_replicas: replicas,
  });
  await manager.consumers.add(names.work, {
    durable_name: names.consumer,
    ack_policy: AckPolicy.Explicit,
    ack_wait: patience * 1e6,
    // Workers count by themselves, and write a dead letter.
    max_deliver: -1,
    max_ack_pending: 100_000,
  });
  return openSpace(connection, plan);
}

/** Takes away all that a plan has. What isn't there is no error. */
export async function removeSpace(connection: NatsConnection, plan: string): Promise<void> {
  const names = namesOf(plan);
  const manager = await jetstreamManager(connection);
  for (const stream of [names.work, `KV_${names.results}`, `KV_${names.notes}`, `OBJ_${names.large}`]) {
    await manager.streams.delete(stream).catch(() => {});
  }
}
