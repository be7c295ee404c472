/** A piece of a table: one block of rows against a strip of column blocks. */
import { type Backend, type FloatArray, referenceBackend } from "@comhe/core";
import { potentialFunction } from "@comhe/core/host-functions";
import { blockRows, type StripTask } from "../plan/pieces.js";
import type { PairEnergy, TablePlan } from "../plan/schema.js";
import type { BlockCache, ReadRows } from "../source/table-reader.js";
import { hasOwnPass, sumBetween } from "./block-energy.js";
import { addBlockPairs, type BlockSums } from "./block-pairs.js";
import { type UnitBlock, unitBlock } from "./unit-block.js";

/** What a strip adds to its table's energy. Sums, not means: the reduction adds them up and divides once. */
export interface StripResult {
  /** Σψ over its pairs i < j; with gradients only of pairs whose column comes later, so that each counts once. */
  readonly energy: number;
  /** Pairs in it. */
  readonly pairs: number;
  /** Σφ(−x_iᵀx_i) over its own rows, in the strip that holds the diagonal; 0 elsewhere and in full space. */
  readonly self: number;
  /** Rows of zeros among its own rows, in the strip that holds the diagonal; 0 elsewhere. */
  readonly dead: number;
}

/** A strip's result, and `[rows, d]` of its own rows' gradient: of Σψ, with respect to the raw rows. */
export interface StripOutput {
  readonly value: StripResult;
  readonly gradient: Float64Array | undefined;
}

/** @throws EnergyError `non-finite`, `invalid-file` */
export async function runStrip<A>(
  given: Backend<A>,
  plan: TablePlan,
  { row, from, to }: StripTask,
  read: ReadRows,
  cache: BlockCache<UnitBlock>,
  tick: (share: number) => Promise<void>,
): Promise<StripOutput> {
  const { energy, table } = plan;
  const block = (index: number) =>
    cache.get(`${index}`, async () => {
      const [first, end] = blockRows(plan, index);
      return unitBlock(await read(first, end), table.dim, energy.normEpsilon, first);
    });
  const left = await block(row);
  const backend = backendFor(given, left.unit) as Backend<unknown>;
  const sums: BlockSums = {
    energy: 0,
    pull: plan.gradient ? new Float64Array(left.count * left.dim) : undefined,
  };
  const fused = !plan.gradient && left.unit instanceof Float32Array && hasOwnPass(backend, energy);
  let pairs = 0;
  // Of each column block by itself first: sums of like size are added, and the order is the plan's.
  let total = 0;
  for (let column = from; column < to; column++) {
    const right = column === row ? left : await block(column);
    sums.energy = 0;
    if (fused) {
      sums.energy = await sumBetween(backend, left, right, energy);
      await tick((column + 1 - from) / (to - from));
    } else {
      await addBlockPairs(backend, left, right, energy, sums, () => tick((column - from) / (to - from)));
    }
    if (column >= row) {
      total += sums.energy;
      pairs += column === row ? (left.count * (left.count - 1)) / 2 : left.count * right.count;
    }
  }
  const diagonal = from <= row && row < to;
  const value: StripResult = {
    energy: total,
    pairs,
    self: diagonal && energy.space === "half" ? selfSum(energy, left) : 0,
    dead: diagonal ? left.deficits.reduce((sum, deficit) => sum + (deficit === 1 ? 1 : 0), 0) : 0,
  };
  if (sums.pull && diagonal) addSelfPull(energy, left, sums.pull);
  return { value, gradient: sums.pull && throughNorms(sums.pull, left) };
}

/** float64 tables are computed in float64. */
const backendFor = <A>(backend: Backend<A>, unit: FloatArray): Backend<A> | Backend<unknown> =>
  unit instanceof Float64Array && backend.precision === "float32" ? (referenceBackend() as Backend<unknown>) : backend;

/** Σφ(−x_iᵀx_i): φ(−1) for unit rows, φ(0) for rows of zeros. */
function selfSum({ potential }: PairEnergy, { deficits }: UnitBlock): number {
  const phi = potentialFunction(potential);
  const terms = { value: 0, slope: 0, curvature: 0 };
  let sum = 0;
  for (const deficit of deficits) sum += phi(4 - 2 * deficit, 2 * deficit, terms).value;
  return sum;
}

/** The self terms' slope, −κ(−x_iᵀx_i) x_i beside the pairs' K X: only where ε > 0, since unit rows always meet their opposites at c = −1. */
function addSelfPull({ potential, space, normEpsilon }: PairEnergy, rows: UnitBlock, pull: Float64Array): void {
  if (space !== "half" || normEpsilon === 0) return;
  const phi = potentialFunction(potential);
  const terms = { value: 0, slope: 0, curvature: 0 };
  const { unit, deficits, dim } = rows;
  deficits.forEach((deficit, row) => {
    const { slope } = phi(4 - 2 * deficit, 2 * deficit, terms);
    for (let k = row * dim; k < (row + 1) * dim; k++) pull[k]! -= slope * unit[k]!;
  });
}

/** J_i(g) = (g − x_i(x_iᵀg))/ρ_i, in place. */
function throughNorms(pull: Float64Array, { unit, norms, deficits, count, dim }: UnitBlock): Float64Array {
  for (let row = 0; row < count; row++) {
    const start = row * dim;
    if (deficits[row] === 1) {
      pull.fill(0, start, start + dim);
      continue;
    }
    let along = 0;
    for (let k = start; k < start + dim; k++) along += unit[k]! * pull[k]!;
    for (let k = start; k < start + dim; k++) pull[k] = (pull[k]! - unit[k]! * along) / norms[row]!;
  }
  return pull;
}
