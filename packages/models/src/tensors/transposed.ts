/** A stored matrix `[rows, columns]` as `[columns, rows]`, readable in parts. */
import type { StoredTensor } from "./stored-tensor.js";
import { readView } from "./view-reader.js";

/** @param stored rank 2 */
export function transposed(stored: StoredTensor): StoredTensor {
  const [rows, columns] = stored.shape as readonly [number, number];
  const view = { sizes: [columns, rows], steps: [1, columns], offset: 0 };
  // Where a part costs all of it, all of it is read once.
  const count = rows * columns;
  return {
    ...stored,
    shape: [columns, rows],
    async read(from, wanted) {
      if (stored.inParts) return readView(view, from, wanted, (at, size) => stored.read(at, size));
      const whole = await stored.read(0, count);
      return readView(view, from, wanted, async (at, size) => whole.subarray(at, at + size) as typeof whole);
    },
  };
}
