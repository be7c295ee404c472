/** The two products of a tile: cosines from rows, and gradients from slopes. */
import { multiplyBlock, multiplyPanels, panelRows } from "./multiply";
import { packColumns, packRows } from "./pack";
import { DEPTH, PACKED_A, PACKED_B, SLOPE_BYTES, SPARE } from "./tiles";

const SLOPE_STRIDE: i32 = <i32>(SLOPE_BYTES >> 2);

/**
 * S = (add ? S : 0) + A Bᵀ, `[i][j]`, rows `SLOPE_BYTES` apart; up to 5 rows and 7 columns beyond the edge are written too.
 *
 * @param upper whether only pairs i < j are wanted
 */
export function cosines(a: usize, countA: i32, b: usize, countB: i32, dim: i32, to: usize, upper: bool, add: bool, scratch: usize): void {
  const packedA = scratch + PACKED_A;
  const packedB = scratch + PACKED_B;
  for (let k = 0; k < dim; k += DEPTH) {
    const depth = min(DEPTH, dim - k);
    const offset = <usize>k << 2;
    const rowBytes = <usize>depth << 2;
    packRows(a + offset, dim, 1, countA, depth, packedA, rowBytes, 0);
    packColumns(b + offset, dim, 1, countB, depth, packedB, rowBytes << 3);
    for (let j = 0; j < countB; j += 8) {
      const last = upper ? min(countA, j + 8) : countA;
      for (let i = 0, high = 0; i < last; i += high) {
        high = panelRows(countA - i);
        multiplyBlock(
          high, packedA + <usize>i * rowBytes, packedB + <usize>j * rowBytes, depth,
          to + <usize>i * SLOPE_BYTES + (<usize>j << 2), SLOPE_BYTES, add || k > 0,
        );
      }
    }
  }
}

/**
 * G = (add ? G : 0) + K X for rows of G and a tile of slopes K, `[row][other]` or, `turned`, `[other][row]`.
 *
 * @param others rows of X, `countOthers × dim`
 */
export function addGradient(slopes: usize, turned: bool, others: usize, countOthers: i32, g: usize, count: i32, dim: i32, add: bool, scratch: usize): void {
  const packedA = scratch + PACKED_A;
  const packedB = scratch + PACKED_B;
  const rowBytes = <usize>countOthers << 2;
  packRows(slopes, turned ? 1 : SLOPE_STRIDE, turned ? SLOPE_STRIDE : 1, count, countOthers, packedA, rowBytes, 0);
  for (let k = 0; k < dim; k += DEPTH) {
    const width = min(DEPTH, dim - k);
    const offset = <usize>k << 2;
    packColumns(others + offset, 1, dim, width, countOthers, packedB, rowBytes << 3);
    multiplyPanels(
      packedA, rowBytes, packedB, rowBytes << 3, countOthers,
      g + offset, count, width, <usize>dim << 2, add, scratch + SPARE,
    );
  }
}
