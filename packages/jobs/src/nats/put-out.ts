/** Pieces as messages: one for each that is to be done. */
import type { Ledger } from "./ledger.js";
import type { PlanSpace } from "./plan-space.js";

/** Messages that are on their way to the server at once. */
const atOnce = 256;

/** A message for each piece that is open. Those that are there already are taken out first, so that none is there twice. */
export async function putOut({ manager, client, names }: PlanSpace, ledger: Ledger): Promise<void> {
  await manager.streams.purge(names.work);
  let waiting: Promise<unknown>[] = [];
  for (const number of ledger.open()) {
    waiting.push(client.publish(names.workSubject, JSON.stringify({ number })));
    if (waiting.length < atOnce) continue;
    await settled(waiting);
    waiting = [];
  }
  await settled(waiting);
  ledger.noteNews();
}

/** Whether no message is left: what has no result by then was lost. */
export async function isIdle({ manager, names }: PlanSpace): Promise<boolean> {
  const { state } = await manager.streams.info(names.work);
  return state.messages === 0;
}

/** All of them, so that none is left to fail alone; the first failure is thrown. */
async function settled(waiting: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(waiting)) if (outcome.status === "rejected") throw outcome.reason;
}
