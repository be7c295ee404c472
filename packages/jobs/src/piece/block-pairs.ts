/**
 * The pairs of two blocks of rows: the sum of ψ over them, and what they pull on the rows of the first. The backend multiplies, core's
 * formulas evaluate in float64, row by row and then over rows, so that the order of summation is that of the plan and of nothing else.
 */
import { type Backend, EnergyError, type FloatArray } from "@comhe/core";
import { dependsOnAntipode, pairFunction } from "@comhe/core/host-functions";
import type { PairEnergy } from "../plan/schema.js";
import type { UnitBlock } from "./unit-block.js";

/** Rows and columns of a tile: a MiB of cosines. */
const tileRows = 512;
/** Below this squared chord u is taken from differences, as in every backend. */
const nearChordSquared = 1e-2;

/** What is added to. */
export interface BlockSums {
  /** Σψ over pairs. */
  energy: number;
  /** `[rows, d]`: Σ_j κ_ij (x_j ∓ x_i near, x_j far), with respect to directions; absent where no gradient is wanted. */
  readonly pull?: Float64Array | undefined;
}

/**
 * Adds the pairs of `left` and `right` to `sums`. Of a block and itself (`right === left`): each pair once to the energy, both rows' pulls.
 *
 * @param tick awaited between tiles; what it throws ends the work
 */
export async function addBlockPairs<A>(
  backend: Backend<A>,
  left: UnitBlock,
  right: UnitBlock,
  energy: PairEnergy,
  sums: BlockSums,
  tick: () => Promise<void>,
): Promise<void> {
  for (let row = 0; row < left.count; row += tileRows) {
    const height = Math.min(tileRows, left.count - row);
    for (let column = sums.pull || left !== right ? 0 : row; column < right.count; column += tileRows) {
      const width = Math.min(tileRows, right.count - column);
      await addTile(backend, { left, row, height, right, column, width }, energy, sums);
      await tick();
    }
  }
}

interface Tile {
  readonly left: UnitBlock;
  readonly row: number;
  readonly height: number;
  readonly right: UnitBlock;
  readonly column: number;
  readonly width: number;
}

async function addTile<A>(backend: Backend<A>, tile: Tile, energy: PairEnergy, sums: BlockSums): Promise<void> {
  const { left, row, height, right, column, width } = tile;
  const { dim } = left;
  const same = left === right;
  const part = ({ unit }: UnitBlock, from: number, size: number, name: string) =>
    backend.upload(unit.slice(from * dim, (from + size) * dim), [1, size, dim], name);
  const product = backend.scope(() =>
    backend.matmul(part(left, row, height, "left"), part(right, column, width, "right"), { transposeB: true }),
  );
  const { cosines } = await backend.download({ cosines: product });
  const psi = pairFunction(energy);
  const exact = energy.normEpsilon === 0;
  const twoSided = energy.space === "half" || dependsOnAntipode(energy.potential);
  const terms = { value: 0, slope: 0, curvature: 0 };
  const slopes =
    sums.pull &&
    (backend.precision === "float64" ? new Float64Array(height * width) : new Float32Array(height * width));
  for (let i = 0; i < height; i++) {
    const own = row + i;
    let sum = 0;
    // Without gradients a pair of one block is met once; with them twice, and counted where the column comes later.
    const begin = same && !sums.pull ? Math.max(0, own + 1 - column) : 0;
    for (let j = begin; j < width; j++) {
      const other = column + j;
      if (same && other === own) continue;
      const c = Math.max(-1, Math.min(1, cosines[i * width + j]!));
      let u = 2 - 2 * c;
      let v = 2 + 2 * c;
      let sign = 0;
      if (exact && u < nearChordSquared) {
        sign = 1;
        u = squaredChord(left, own, right, other, 1);
      } else if (exact && v < nearChordSquared && twoSided) {
        sign = -1;
        v = squaredChord(left, own, right, other, -1);
      }
      psi(u, v, terms);
      if (!same || other > own) sum += terms.value;
      if (!sums.pull) continue;
      if (sign === 0) slopes![i * width + j] = terms.slope;
      // κ is large where rows are near: the difference has digits where the product has none.
      else addNear(sums.pull, left, own, right, other, sign, terms.slope);
    }
    sums.energy += sum;
  }
  if (!Number.isFinite(sums.energy)) {
    throw new EnergyError(
      "non-finite",
      `rows ${row} … of a block: the energy isn't finite; take a larger separationFloor.`,
    );
  }
  if (sums.pull) await addFar(backend, tile, slopes!, sums.pull);
}

function squaredChord(a: UnitBlock, row: number, b: UnitBlock, other: number, sign: number): number {
  const { dim } = a;
  const [p, q] = [row * dim, other * dim];
  let sum = 0;
  for (let k = 0; k < dim; k++) sum += (a.unit[p + k]! - sign * b.unit[q + k]!) ** 2;
  return sum;
}

function addNear(
  pull: Float64Array,
  left: UnitBlock,
  row: number,
  right: UnitBlock,
  other: number,
  sign: number,
  slope: number,
): void {
  const { dim } = left;
  const [p, q] = [row * dim, other * dim];
  for (let k = 0; k < dim; k++) pull[p + k]! += slope * (right.unit[q + k]! - sign * left.unit[p + k]!);
}

/** K X of a tile, by the backend. */
async function addFar<A>(
  backend: Backend<A>,
  { left, row, height, right, column, width }: Tile,
  slopes: FloatArray,
  pull: Float64Array,
): Promise<void> {
  const { dim } = left;
  const product = backend.scope(() =>
    backend.matmul(
      backend.upload(slopes, [1, height, width], "slopes"),
      backend.upload(right.unit.slice(column * dim, (column + width) * dim), [1, width, dim], "right"),
    ),
  );
  const { far } = await backend.download({ far: product });
  const start = row * dim;
  for (let k = 0; k < far.length; k++) pull[start + k]! += far[k]!;
}
