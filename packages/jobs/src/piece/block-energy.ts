/**
 * Σψ between two blocks by a backend's own pass over the pairs of one set: S(A ∪ B) − S(A) − S(B). Twice the pairs that are wanted, and still
 * several times as fast as pair by pair, since a fused kernel never writes its cosines down.
 */
import type { Backend } from "@comhe/core";
import type { PairEnergy } from "../plan/schema.js";
import type { UnitBlock } from "./unit-block.js";

/** Σψ over the pairs of one block by itself, where it was computed. */
const ownSums = new WeakMap<UnitBlock, number>();

/** Whether a backend has such a pass, and the energy is one that it can take of directions. With ε > 0 they aren't unit, and would be shortened twice. */
export const hasOwnPass = (backend: Backend<unknown>, { normEpsilon }: PairEnergy): boolean =>
  backend.statistics !== undefined && normEpsilon === 0;

/** Σψ over the pairs of `left` and `right`, or of `left` alone where they are the same. */
export async function sumBetween(
  backend: Backend<unknown>,
  left: UnitBlock,
  right: UnitBlock,
  energy: PairEnergy,
): Promise<number> {
  if (left === right) return sumWithin(backend, left, energy);
  const { dim } = left;
  const both = new Float32Array(left.unit.length + right.unit.length);
  both.set(left.unit);
  both.set(right.unit, left.unit.length);
  const all = await sumOf(backend, both, dim, energy);
  return all - (await sumWithin(backend, left, energy)) - (await sumWithin(backend, right, energy));
}

async function sumWithin(backend: Backend<unknown>, block: UnitBlock, energy: PairEnergy): Promise<number> {
  const known = ownSums.get(block);
  if (known !== undefined) return known;
  const sum = await sumOf(backend, block.unit as Float32Array, block.dim, energy);
  ownSums.set(block, sum);
  return sum;
}

async function sumOf(
  backend: Backend<unknown>,
  rows: Float32Array,
  dim: number,
  { potential, space, separationFloor }: PairEnergy,
): Promise<number> {
  const [found] = (await backend.scope(() =>
    backend.statistics!(backend.directions(backend.upload(rows, [1, rows.length / dim, dim], "rows"), 0), {
      energies: [{ potential, space, separationFloor }],
    }),
  ))!;
  return found!.energySums[0]!;
}
