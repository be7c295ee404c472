/** Sums of the tiles of each batch entry, in the order of the tiles: the same bits whatever the number of threads. */
import { address, int, real } from "./command";

function sumOf(from: usize, count: i32): f64 {
  let sum: f64 = 0;
  for (let n = 0; n < count; n++) sum += load<f64>(from + (<usize>n << 3));
  return sum;
}

// @ts-ignore: decorator
@inline function at(base: usize, n: i32): usize { return base + (<usize>n << 3); }

/** Slots: 2 batch, 3 tiles of an entry, 4 tile sums, 5 weight, 6 self terms of rows, or 0, 7 rows of an entry, 8 their weight, 9 to (float32). */
export function energies(thread: i32): void {
  if (thread != 0) return;
  const batch = int(2), tiles = int(3), rows = int(7);
  for (let c = 0; c < batch; c++) {
    let energy = real(5) * sumOf(at(address(4), c * tiles), tiles);
    if (address(6) != 0) energy += real(8) * sumOf(at(address(6), c * rows), rows);
    store<f32>(address(9) + (<usize>c << 2), <f32>energy);
  }
}

/**
 * Losses of the mismatch and, for form root, 1/(2L). Slots: 2 batch, 3 tiles of an entry, 4 tile sums, 5 weight, 6 whether root, 7 losses (float64), 8 scales of
 * the gradients (float64), 9 losses (float32).
 */
export function losses(thread: i32): void {
  if (thread != 0) return;
  const batch = int(2), tiles = int(3);
  for (let c = 0; c < batch; c++) {
    let loss = real(5) * sumOf(at(address(4), c * tiles), tiles);
    let scale: f64 = 1;
    if (int(6)) {
      loss = sqrt(loss);
      scale = loss == 0 ? 0 : 0.5 / loss;
    }
    store<f64>(at(address(7), c), loss);
    store<f64>(at(address(8), c), scale);
    store<f32>(address(9) + (<usize>c << 2), <f32>loss);
  }
}

/**
 * What the root adds to Hessian products, from P_c = ⟨gradient, V⟩: P/L, and the two scales of what goes across, 1/(2L) and P/(2L²)
 * (1 and 0 for form mean). Slots: 2 batch, 3 whether root, 4 P, 5 L, 6 turns, 7 scales, two for each entry.
 */
export function rootScales(thread: i32): void {
  if (thread != 0) return;
  const batch = int(2);
  for (let c = 0; c < batch; c++) {
    const loss = load<f64>(at(address(5), c)), along = load<f64>(at(address(4), c));
    const root = int(3) != 0, zero = loss == 0;
    store<f64>(at(address(6), c), root && !zero ? along / loss : 0);
    store<f64>(at(address(7), 2 * c), !root ? 1 : zero ? 0 : 0.5 / loss);
    store<f64>(at(address(7), 2 * c + 1), root && !zero ? (0.5 * along) / loss / loss : 0);
  }
}
