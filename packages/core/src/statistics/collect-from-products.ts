/**
 * Statistics on backends without a pass of their own: the backend multiplies blocks of directions, the cosines of a block are read back,
 * and core collects them row by row. Only one block of cosines is there at a time.
 */
import type { Backend, FloatArray } from "../backend/backend.js";
import type { PairStatistics, StatisticsRequest } from "../backend/statistics.js";
import type { DirectionTable } from "../estimate/direction-table.js";
import { PairCollector } from "./pair-collector.js";

/** Rows of a block: a MiB of cosines, enough to hide what a call costs. */
const blockRows = 512;
/** Blocks between two calls of `tick`. */
const blocksAtOnce = 8;

export async function collectFromProducts<A>(
  backend: Backend<A>,
  table: DirectionTable,
  request: StatisticsRequest,
): Promise<PairStatistics> {
  const { unit, count, dim, deficits, rows } = table;
  const collector = new PairCollector(request, count, chordsOf(table), rows);
  const isUnit = deficits.every((deficit) => deficit === 0);
  const pairs = (count * (count - 1)) / 2;
  let done = 0;
  let blocks = 0;
  for (let first = 0; first < count; first += blockRows) {
    const height = Math.min(blockRows, count - first);
    for (let second = first; second < count; second += blockRows) {
      const width = Math.min(blockRows, count - second);
      const part = (from: number, size: number, name: string) =>
        backend.upload(unit.slice(from * dim, (from + size) * dim), [1, size, dim], name);
      const product = backend.scope(() =>
        backend.matmul(part(first, height, "left"), part(second, width, "right"), { transposeB: true }),
      );
      const cosines = (await backend.download({ cosines: product })).cosines;
      if (isUnit) clampCosines(cosines);
      for (let i = 0; i < height; i++) {
        const skipped = first === second ? i + 1 : 0;
        collector.addRow(first + i, second + skipped, cosines, i * width + skipped, width - skipped);
      }
      done += first === second ? (height * (height - 1)) / 2 : height * width;
      if (request.tick && ++blocks % blocksAtOnce === 0) await request.tick(done / pairs);
    }
  }
  return collector.result();
}

/** A rounded product of unit rows may be beyond ±1. */
function clampCosines(cosines: FloatArray): void {
  for (let n = 0; n < cosines.length; n++) {
    if (cosines[n]! > 1) cosines[n] = 1;
    else if (cosines[n]! < -1) cosines[n] = -1;
  }
}

/** 2 ∓ 2c from differences; with ε > 0 both rows are a little short: 2 − 2c = ‖x_i − x_j‖² + (1 − ‖x_i‖²) + (1 − ‖x_j‖²). */
function chordsOf({ unit, dim, deficits }: DirectionTable) {
  return (i: number, j: number, sign: 1 | -1): number => {
    let sum = deficits[i]! + deficits[j]!;
    const [a, b] = [i * dim, j * dim];
    for (let k = 0; k < dim; k++) sum += (unit[a + k]! - sign * unit[b + k]!) ** 2;
    return sum;
  };
}
