/** Products of batches of matrices, each transposed or not, of which one side may be shared, and whose batch may be summed. */
import { MatmulCommand } from "../generated/assembly/command-fields";
import { claim, commandAs, scratchOf } from "./command";
import { multiplyPanels } from "./multiply";
import { pack } from "./pack";
import { DEPTH, PACKED_A, PACKED_B, SPARE, TILE } from "./tiles";

const PANEL: usize = <usize>DEPTH * 32;

/** A unit is a tile of the product in a few batch entries. */
export function matmul(thread: i32): void {
  const command = commandAs<MatmulCommand>();
  const a = command.a, b = command.b, to = command.to;
  const rows = command.rows, columns = command.columns, inner = command.inner, batchA = command.batchA, batchB = command.batchB;
  const aRow = command.rowStrideA, aInner = command.innerStrideA, bInner = command.innerStrideB, bColumn = command.columnStrideB;
  const sumBatch = command.sumBatch, group = command.entriesOfUnit;
  const batch = max(batchA, batchB);
  const scratch = scratchOf(thread);
  const packedA = scratch + PACKED_A, packedB = scratch + PACKED_B;
  const down = (rows + TILE - 1) / TILE, along = (columns + TILE - 1) / TILE;
  const groups = sumBatch ? 1 : (batch + group - 1) / group;
  const sizeA = <usize>rows * <usize>inner << 2, sizeB = <usize>inner * <usize>columns << 2, size = <usize>rows * <usize>columns << 2;
  const rowBytes = <usize>columns << 2;
  for (let unit = claim(); unit < down * along * groups; unit = claim()) {
    const i = unit % down * TILE;
    const j = unit / down % along * TILE;
    const first = unit / (down * along) * group;
    const height = min(TILE, rows - i), width = min(TILE, columns - j);
    const last = sumBatch ? batch : min(batch, first + group);
    const fromA = a + (<usize>(<u32>i) * <usize>aRow << 2), fromB = b + (<usize>(<u32>j) * <usize>bColumn << 2);
    const corner = to + <usize>i * rowBytes + (<usize>j << 2);
    if (sumBatch) {
      // Σ_c A_c B_c is one product over (c, k), packed until the panels are full.
      let filled = 0, add = false;
      for (let c = 0; c < batch; c++) {
        const ofA = fromA + <usize>(batchA == 1 ? 0 : c) * sizeA, ofB = fromB + <usize>(batchB == 1 ? 0 : c) * sizeB;
        for (let k = 0; k < inner;) {
          const depth = min(DEPTH - filled, inner - k);
          pack(ofA + (<usize>(<u32>k) * <usize>aInner << 2), aRow, aInner, height, depth, packedA + (<usize>filled << 5), PANEL);
          pack(ofB + (<usize>(<u32>k) * <usize>bInner << 2), bColumn, bInner, width, depth, packedB + (<usize>filled << 5), PANEL);
          k += depth;
          filled += depth;
          if (filled < DEPTH && (k < inner || c + 1 < batch)) continue;
          multiplyPanels(packedA, PANEL, packedB, PANEL, filled, corner, height, width, rowBytes, add, scratch + SPARE);
          filled = 0;
          add = true;
        }
      }
      continue;
    }
    for (let k = 0; k < inner; k += DEPTH) {
      const depth = min(DEPTH, inner - k);
      for (let c = first; c < last; c++) {
        // The shared side is packed once.
        if (batchA > 1 || c == first) {
          const ofA = fromA + <usize>(batchA == 1 ? 0 : c) * sizeA + (<usize>(<u32>k) * <usize>aInner << 2);
          pack(ofA, aRow, aInner, height, depth, packedA, PANEL);
        }
        if (batchB > 1 || c == first) {
          const ofB = fromB + <usize>(batchB == 1 ? 0 : c) * sizeB + (<usize>(<u32>k) * <usize>bInner << 2);
          pack(ofB, bColumn, bInner, width, depth, packedB, PANEL);
        }
        multiplyPanels(packedA, PANEL, packedB, PANEL, depth, corner + <usize>c * size, height, width, rowBytes, k > 0, scratch + SPARE);
      }
    }
  }
}
