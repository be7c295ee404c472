/** What becomes of a result: kept, or held against the one that is there. */
import { type Disagreement, disagreement } from "../piece/disagreement.js";
import type { Plan } from "../plan/schema.js";
import type { ResultStore } from "./result-store.js";
import type { Maker, StoredResult } from "./stored-result.js";

/** Two results of one piece that differ by more than they may. */
export interface Conflict {
  /** The piece's name. */
  readonly piece: string;
  /** The piece's place in the plan's order, from 0. */
  readonly number: number;
  /** Who made the result that is kept. */
  readonly kept: Maker;
  /** Who made the result that contradicts it. */
  readonly other: Maker;
  /** What differs, and by how much. */
  readonly difference: Disagreement;
}

/** Keeps a result, unless the piece has one already; then the two are compared. */
export async function settle(
  plan: Plan,
  number: number,
  store: ResultStore,
  result: StoredResult,
): Promise<{
  /** Whether the result was kept. */
  readonly kept: boolean;
  /** Present where it contradicts an earlier result. */
  readonly conflict?: Conflict;
}> {
  if (await store.put(result)) return { kept: true };
  const earlier = await store.get(result.piece);
  // Damaged, and set aside by now.
  if (earlier === undefined) return { kept: await store.put(result) };
  const difference = disagreement(plan, earlier, result);
  if (difference === undefined) return { kept: false };
  await store.keepOther?.(result);
  return { kept: false, conflict: { piece: result.piece, number, kept: earlier.by, other: result.by, difference } };
}
