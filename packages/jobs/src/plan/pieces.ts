/** The pieces of a plan, by number: made when they are asked for, so that a plan of a million pieces is as small as one of ten. */
import { EnergyError } from "@comhe/core/layouts";
import { nameOf } from "../identity/digest.js";
import { type LayersPlan, type Plan, type PlannedModel, planVersion, type TablePlan } from "./schema.js";

/** Row block `row` against the column blocks `from` … `to` − 1 of its table. */
export interface StripTask {
  /** Names the task. */
  readonly kind: "strip";
  /** The row block. */
  readonly row: number;
  /** The first column block. */
  readonly from: number;
  /** The column block behind the last one. */
  readonly to: number;
}

/** The audit of one layer. */
export interface LayerTask {
  /** Names the task. */
  readonly kind: "layer";
  /** The model that the layer is in. */
  readonly model: PlannedModel;
  /** The layer. */
  readonly layer: LayersPlan["layers"][number];
}

/** One run of a study. */
export interface RunTask {
  /** Names the task. */
  readonly kind: "run";
  /** The name of the run within its study. */
  readonly key: string;
  /** What the study's code is given, as plain JSON. */
  readonly payload: unknown;
}

/** What is to be computed. */
export type Task = StripTask | LayerTask | RunTask;

/** A piece of a plan: what a worker takes and gives a result for. */
export interface Piece {
  /** Its place in the plan's order, from 0. */
  readonly number: number;
  /** What is to be computed. */
  readonly task: Task;
}

/** How many pieces a plan has. */
export function pieceCount(plan: Plan): number {
  if (plan.kind === "table") return stripStarts(plan).at(-1)!;
  return plan.kind === "layers" ? plan.layers.length : plan.runs.length;
}

/**
 * The piece at a place in a plan's order.
 *
 * @throws EnergyError `invalid-config` for a number that the plan doesn't have
 */
export function pieceAt(plan: Plan, number: number): Piece {
  const count = pieceCount(plan);
  if (!Number.isSafeInteger(number) || number < 0 || number >= count) {
    throw new EnergyError("invalid-config", `expected a piece from 0 to ${count - 1}, got ${number}.`);
  }
  return { number, task: taskAt(plan, number) };
}

/**
 * A piece's name, under which its result is kept: a hash of all that the result depends on, and of nothing else. Two plans that share a piece
 * share its result; where a file lies doesn't matter, what is in it does.
 */
export function pieceName(plan: Plan, { task }: Piece): Promise<string> {
  return nameOf({ version: planVersion, ...contentOf(plan, task) });
}

/** The plan's own name: a hash of all of it. */
export const planName = (plan: Plan): Promise<string> => nameOf(plan);

/** The names of all pieces, in the plan's order. */
export async function pieceNames(plan: Plan): Promise<string[]> {
  const names: string[] = [];
  for (let n = 0; n < pieceCount(plan); n++) names.push(await pieceName(plan, pieceAt(plan, n)));
  return names;
}

function contentOf(plan: Plan, task: Task): Record<string, unknown> {
  if (plan.kind === "table" && task.kind === "strip") {
    const { table, energy, gradient, block } = plan;
    const source =
      table.kind === "simulated"
        ? table
        : { kind: "file", fingerprint: table.fingerprint, layout: table.layout, count: table.count, dim: table.dim };
    return { source, energy, gradient, block, task };
  }
  if (plan.kind === "layers" && task.kind === "layer") {
    const { name, shape, layout, fingerprint } = task.layer;
    return { kind: "layer", name, shape, layout, fingerprint, settings: plan.settings };
  }
  if (plan.kind === "study" && task.kind === "run") {
    return { kind: "run", study: plan.study, code: plan.code, key: task.key, payload: task.payload };
  }
  throw new EnergyError("invalid-config", `a plan of kind "${plan.kind}" has no piece of kind "${task.kind}".`);
}

function taskAt(plan: Plan, number: number): Task {
  if (plan.kind === "table") return stripAt(plan, number);
  if (plan.kind === "study") return { kind: "run", ...plan.runs[number]! };
  const layer = plan.layers[number]!;
  return { kind: "layer", model: plan.models[layer.model]!, layer };
}

/** Blocks of rows. */
export const blockCount = ({ table, block }: Pick<TablePlan, "table" | "block">): number =>
  Math.ceil(table.count / block);

/** The first and the last but one row of a block. */
export function blockRows(
  { table, block }: Pick<TablePlan, "table" | "block">,
  index: number,
): [from: number, to: number] {
  return [index * block, Math.min(table.count, (index + 1) * block)];
}

/**
 * Without gradients every pair of blocks is met once, the later block as columns. With them each row meets all others, so that its gradient is
 * its own piece's alone and no piece has to give columns' gradients away.
 */
const firstColumn = (plan: TablePlan, row: number): number => (plan.gradient ? 0 : row);

const starts = new WeakMap<TablePlan, Float64Array>();

/** `[blocks + 1]`: which piece is the first of each row of blocks. */
function stripStarts(plan: TablePlan): Float64Array {
  const known = starts.get(plan);
  if (known) return known;
  const blocks = blockCount(plan);
  const made = new Float64Array(blocks + 1);
  for (let row = 0; row < blocks; row++) {
    made[row + 1] = made[row]! + Math.ceil((blocks - firstColumn(plan, row)) / plan.strip);
  }
  starts.set(plan, made);
  return made;
}

function stripAt(plan: TablePlan, number: number): StripTask {
  const begin = stripStarts(plan);
  let [low, high] = [0, begin.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (begin[middle]! <= number) low = middle;
    else high = middle;
  }
  const from = firstColumn(plan, low) + (number - begin[low]!) * plan.strip;
  return { kind: "strip", row: low, from, to: Math.min(blockCount(plan), from + plan.strip) };
}

/** Pairs of rows that a strip evaluates: what its time goes with. */
export function pairsOf(plan: TablePlan, { row, from, to }: StripTask): number {
  const [first, end] = blockRows(plan, row);
  const height = end - first;
  let pairs = 0;
  for (let column = from; column < to; column++) {
    const [left, right] = blockRows(plan, column);
    pairs += column === row ? (height * (height - 1)) / 2 : height * (right - left);
  }
  return pairs;
}
