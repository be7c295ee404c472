/** The two products of a tile: cosines from rows, and gradients from slopes. */
import { blockRows, multiplyBlock, multiplyPanels } from "./multiply";
import { pack } from "./pack";
import { DEPTH, PACKED_A, PACKED_B, SLOPE_BYTES, SPARE } from "./tiles";

/** What `packForCosines` and `packForGradients` write of a block of rows, in float32 numbers. */
// @ts-ignore: decorator
@inline export function packedSize(count: i32, dim: i32): usize { return <usize>((count + 7) & ~7) * <usize>((dim + 7) & ~7); }

/** All of a block of rows for `cosines`, by parts of `DEPTH` columns. */
export function packForCosines(rows: usize, count: i32, dim: i32, to: usize): void {
  for (let k = 0; k < dim; k += DEPTH) {
    const depth = min(DEPTH, dim - k);
    pack(rows + (<usize>k << 2), dim, 1, count, depth, to + partAt(k, count), <usize>depth << 5);
  }
}

/** All of a block of rows for `addGradient`, by parts of `DEPTH` columns. */
export function packForGradients(rows: usize, count: i32, dim: i32, to: usize): void {
  for (let k = 0; k < dim; k += DEPTH) {
    pack(rows + (<usize>k << 2), 1, dim, min(DEPTH, dim - k), count, to + partAt(k, count), <usize>count << 5);
  }
}

/** Where the part from column k on begins. */
// @ts-ignore: decorator
@inline function partAt(k: i32, count: i32): usize { return <usize>k * <usize>((count + 7) & ~7) << 2; }

/**
 * S = (add ? S : 0) + A Bᵀ, `[j/8][i][8]`; up to 5 rows beyond the edge are written too.
 *
 * @param packedA what `packForCosines` made of A, or 0; packedB likewise
 * @param upper whether only pairs i < j are wanted
 */
export function cosines(
  a: usize, packedA: usize, countA: i32, b: usize, packedB: usize, countB: i32, dim: i32, to: usize, upper: bool, add: bool, scratch: usize,
): void {
  for (let k = 0; k < dim; k += DEPTH) {
    const depth = min(DEPTH, dim - k);
    const offset = <usize>k << 2;
    const panelBytes = <usize>depth << 5;
    let left = packedA + partAt(k, countA), right = packedB + partAt(k, countB);
    if (packedA == 0) {
      left = scratch + PACKED_A;
      pack(a + offset, dim, 1, countA, depth, left, panelBytes);
    }
    if (packedB == 0) {
      right = scratch + PACKED_B;
      pack(b + offset, dim, 1, countB, depth, right, panelBytes);
    }
    for (let j = 0; j < countB; j += 8) {
      const last = upper ? min(countA, j + 8) : countA;
      const panel = right + <usize>(j >> 3) * panelBytes;
      const column = to + <usize>(j >> 3) * SLOPE_BYTES;
      for (let i = 0; i < last; i += blockRows(countA - i)) {
        multiplyBlock(left, panelBytes, i, countA, panel, depth, column + (<usize>i << 5), 32, add || k > 0);
      }
    }
  }
}

/**
 * G = (add ? G : 0) + K X for rows of G and a tile of slopes K.
 *
 * @param slopes `[row/8][other][8]`
 * @param others rows of X, `countOthers × dim`
 * @param packed what `packForGradients` made of them, or 0
 */
export function addGradient(
  slopes: usize, others: usize, packed: usize, countOthers: i32, g: usize, count: i32, dim: i32, add: bool, scratch: usize,
): void {
  const panelBytes = <usize>countOthers << 5;
  for (let k = 0; k < dim; k += DEPTH) {
    const width = min(DEPTH, dim - k);
    const offset = <usize>k << 2;
    let right = packed + partAt(k, countOthers);
    if (packed == 0) {
      right = scratch + PACKED_B;
      pack(others + offset, 1, dim, width, countOthers, right, panelBytes);
    }
    multiplyPanels(
      slopes, SLOPE_BYTES, right, panelBytes, countOthers,
      g + offset, count, width, <usize>dim << 2, add, scratch + SPARE,
    );
  }
}
