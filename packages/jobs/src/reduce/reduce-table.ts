/** From the results of a table's strips to its energy: in the plan's order, in float64. */
import { pairWeights } from "@comhe/core/host-functions";
import { EnergyError } from "@comhe/core/layouts";
import type { StripResult } from "../piece/strip.js";
import { pieceAt, pieceCount, type StripTask } from "../plan/pieces.js";
import type { TablePlan } from "../plan/schema.js";

/** What the results of a table's pieces add up to. */
export interface TableTotal {
  /** The energy: the mean over the table's pairs, as `energyAndGradient` gives it. */
  readonly energy: number;
  /** How many pairs there are. */
  readonly pairs: number;
  /** How many rows are all zeros. */
  readonly deadNeurons: number;
}

/**
 * Adds the results of a table's pieces up to its energy.
 *
 * @param results the results of all pieces, in the plan's order
 * @throws EnergyError `invalid-state` where a result is missing, or their pairs aren't the table's
 */
export function reduceTable(plan: TablePlan, results: Iterable<StripResult>): TableTotal {
  const { count } = plan.table;
  let [sum, self, pairs, dead, number] = [0, 0, 0, 0, 0];
  for (const result of results) {
    sum += result.energy;
    self += result.self;
    pairs += result.pairs;
    dead += result.dead;
    number++;
  }
  const due = (count * (count - 1)) / 2;
  if (number !== pieceCount(plan) || pairs !== due) {
    throw new EnergyError(
      "invalid-state",
      `expected ${pieceCount(plan)} pieces of ${due} pairs, got ${number} of ${pairs}: a result is missing or of another plan.`,
    );
  }
  const weights = pairWeights(count, plan.energy.space);
  return { energy: weights.pair * sum + weights.self * self, pairs, deadNeurons: dead };
}

/**
 * Adds the results of a table's pieces up to its gradient, block by block, so that it needn't fit into memory.
 *
 * @param gradientOf reads the gradient of a piece, by its number, as it was stored
 */
export async function* reduceGradient(
  plan: TablePlan,
  gradientOf: (piece: number) => Promise<Float64Array>,
): AsyncGenerator<{
  /** The number of the row block. */
  readonly block: number;
  /** ∂E/∂W of its rows, `[rows, d]`. */
  readonly gradient: Float64Array;
}> {
  const { pair } = pairWeights(plan.table.count, plan.energy.space);
  const pieces = pieceCount(plan);
  for (let n = 0; n < pieces; ) {
    const { row } = pieceAt(plan, n).task as StripTask;
    const total = (await gradientOf(n)).slice();
    for (n++; n < pieces && (pieceAt(plan, n).task as StripTask).row === row; n++) {
      const part = await gradientOf(n);
      if (part.length !== total.length) {
        throw new EnergyError(
          "invalid-state",
          `piece ${n}: expected ${total.length} numbers of gradient, got ${part.length}.`,
        );
      }
      for (let k = 0; k < total.length; k++) total[k]! += part[k]!;
    }
    for (let k = 0; k < total.length; k++) total[k]! *= pair;
    yield { block: row, gradient: total };
  }
}
