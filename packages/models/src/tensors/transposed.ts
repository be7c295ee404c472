/**
 * A stored matrix `[rows, columns]` as `[columns, rows]`. Its rows are columns of what is stored, and reading one column
 * costs as much as reading all of them: so as many neighbouring columns are taken in one pass over the file as a bounded
 * panel holds, and the next request finds them there.
 */
import { partReader } from "./part-reader.js";
import type { StoredTensor } from "./stored-tensor.js";

/** Numbers that a panel may hold. */
const panelNumbers = 1 << 25;
/** Numbers of the stored matrix that are read at a time. */
const atOnce = 1 << 22;

interface Panel {
  readonly of: StoredTensor;
  readonly from: number;
  readonly to: number;
  readonly data: Float32Array | Float64Array;
}

/** The latest panel of any matrix: one, so that memory stays bounded however many are open. It is never needed, only saved work. */
let latest: Panel | undefined;

/** @param stored a matrix of floating numbers, rank 2 */
export function transposed(stored: StoredTensor): StoredTensor {
  const [rows, columns] = stored.shape as readonly [number, number];
  return {
    ...stored,
    shape: [columns, rows],
    async read(from, count) {
      const first = Math.floor(from / rows);
      const last = Math.ceil((from + count) / rows);
      const panel = await columnsOf(stored, first, last);
      const begin = from - panel.from * rows;
      const mine = panel !== latest && begin === 0 && count === panel.data.length;
      return mine ? panel.data : panel.data.slice(begin, begin + count);
    },
  };
}

async function columnsOf(stored: StoredTensor, from: number, to: number): Promise<Panel> {
  const known = latest;
  if (known?.of === stored && known.from <= from && to <= known.to) return release(known, stored, to);
  const [rows, columns] = stored.shape as readonly [number, number];
  const wide = Math.min(columns, Math.max(to, from + Math.floor(panelNumbers / Math.max(1, rows))));
  const panel = await readPanel(stored, from, wide);
  // What was asked for whole is given away; only what later requests may need is kept.
  if (wide > to) latest = panel;
  return panel;
}

/** The last column has been asked for: nobody comes back for the panel. */
function release(panel: Panel, stored: StoredTensor, to: number): Panel {
  if (to === stored.shape[1]) latest = undefined;
  return panel;
}

async function readPanel(stored: StoredTensor, from: number, to: number): Promise<Panel> {
  const [rows, columns] = stored.shape as readonly [number, number];
  const read = partReader(stored);
  const step = Math.max(1, Math.floor(atOnce / Math.max(1, columns)));
  let data: Float32Array | Float64Array = new Float32Array(0);
  for (let row = 0; row < rows; row += step) {
    const taken = Math.min(step, rows - row);
    const numbers = await read(row * columns, taken * columns);
    if (row === 0) {
      const count = (to - from) * rows;
      data = numbers instanceof Float64Array ? new Float64Array(count) : new Float32Array(count);
    }
    for (let column = from; column < to; column++) {
      const target = (column - from) * rows + row;
      for (let i = 0; i < taken; i++) data[target + i] = numbers[i * columns + column]!;
    }
  }
  return { of: stored, from, to, data };
}
