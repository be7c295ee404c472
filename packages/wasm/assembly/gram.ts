/** The two products of a tile: cosines from rows, and gradients from slopes. */
import { multiplyBlock, multiplyPanels } from "./multiply";
import { pack } from "./pack";
import { DEPTH, PACKED_A, PACKED_B, SPARE, TILE } from "./tiles";

/** From one panel of four rows of slopes to the next. */
export const QUAD_BYTES: usize = <usize>TILE * 16;

/**
 * S = (add ? S : 0) + A Bᵀ, `[j/4][i][4]`.
 *
 * @param upper whether only pairs i < j are wanted
 */
export function cosines(a: usize, countA: i32, b: usize, countB: i32, dim: i32, to: usize, upper: bool, add: bool, scratch: usize): void {
  const packedA = scratch + PACKED_A;
  const packedB = scratch + PACKED_B;
  for (let k = 0; k < dim; k += DEPTH) {
    const depth = min(DEPTH, dim - k);
    const offset = <usize>k << 2;
    const quad = <usize>depth << 4;
    pack(a + offset, dim, 1, countA, depth, 4, packedA, quad);
    pack(b + offset, dim, 1, countB, depth, 8, packedB, quad * 2);
    for (let j = 0; j < countB; j += 8) {
      const last = upper ? min(countA, j + 8) : countA;
      for (let i = 0; i < last; i += 4) {
        multiplyBlock(
          packedA + <usize>(i >> 2) * quad, packedB + <usize>(j >> 2) * quad, depth,
          to + <usize>(j >> 2) * QUAD_BYTES + (<usize>i << 4), 16, QUAD_BYTES, add || k > 0,
        );
      }
    }
  }
}

/**
 * G = (add ? G : 0) + K X for rows of G and a tile of slopes K.
 *
 * @param slopes `[row/4][other][4]`
 * @param others rows of X, `countOthers × dim`
 */
export function addGradient(slopes: usize, others: usize, countOthers: i32, g: usize, count: i32, dim: i32, add: bool, scratch: usize): void {
  const packed = scratch + PACKED_B;
  const panelBytes = <usize>countOthers << 5;
  for (let k = 0; k < dim; k += DEPTH) {
    const width = min(DEPTH, dim - k);
    const offset = <usize>k << 2;
    pack(others + offset, 1, dim, width, countOthers, 8, packed, panelBytes);
    multiplyPanels(
      slopes, QUAD_BYTES, packed, panelBytes, countOthers,
      g + offset, count, width, <usize>dim << 2, add, scratch + SPARE,
    );
  }
}
