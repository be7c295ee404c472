/** Operations that touch every number once. */
import { address, claim, int, real } from "./command";
import { multiplyAdd, splat } from "./simd";

const AT_ONCE = 1 << 14;

/** to = (add ? to : 0) + scale·from, from repeating. Slots: 2 numbers in to, 3 numbers in from, 4 to, 5 from, 6 scale, 7 add. */
export function combine(_thread: i32): void {
  const size = int(2), period = int(3);
  const to = address(4), from = address(5);
  const scale = <f32>real(6);
  const add = int(7) != 0;
  const units = (period + AT_ONCE - 1) / AT_ONCE;
  const repeats = size / period;
  for (let unit = claim(); unit < units * repeats; unit = claim()) {
    const first = unit % units * AT_ONCE;
    const count = min(AT_ONCE, period - first);
    combineRun(to + (<usize>(<u32>(unit / units)) * <usize>period << 2) + (<usize>first << 2), from + (<usize>first << 2), count, scale, add);
  }
}

function combineRun(to: usize, from: usize, count: i32, scale: f32, add: bool): void {
  let k: usize = 0;
  const s = splat(scale);
  for (const end = <usize>(count & ~3) << 2; k < end; k += 16) {
    const term = f32x4.mul(v128.load(from + k), s);
    v128.store(to + k, add ? f32x4.add(v128.load(to + k), term) : term);
  }
  for (const end = <usize>count << 2; k < end; k += 4) {
    const term = load<f32>(from + k) * scale;
    store<f32>(to + k, add ? load<f32>(to + k) + term : term);
  }
}

/** Slots: 2 batch, 3 numbers in an entry, 4 to, 5 array, 6 its batch, 7 weights, 8 their batch. */
export function scaleBatch(_thread: i32): void {
  const batch = int(2), size = int(3);
  for (let c = claim(); c < batch; c = claim()) {
    const weight = load<f32>(address(7) + (<usize>(int(8) == 1 ? 0 : c) << 2));
    const entry = <usize>size << 2;
    combineRun(address(4) + <usize>c * entry, address(5) + <usize>(int(6) == 1 ? 0 : c) * entry, size, weight, false);
  }
}

/** Slots: 2 batch, 3 energies, 4 whether max, 5 energy, 6 weights. */
export function reduce(thread: i32): void {
  if (thread != 0) return;
  const batch = int(2);
  const energies = address(3), weights = address(6);
  if (int(4) == 0) {
    let sum: f64 = 0;
    for (let c = 0; c < batch; c++) {
      sum += <f64>load<f32>(energies + (<usize>c << 2));
      store<f32>(weights + (<usize>c << 2), <f32>(1 / <f64>batch));
    }
    store<f32>(address(5), <f32>(sum / <f64>batch));
    return;
  }
  let largest = 0;
  for (let c = 0; c < batch; c++) {
    if (load<f32>(energies + (<usize>c << 2)) > load<f32>(energies + (<usize>largest << 2))) largest = c;
    store<f32>(weights + (<usize>c << 2), 0);
  }
  store<f32>(weights + (<usize>largest << 2), 1);
  store<f32>(address(5), load<f32>(energies + (<usize>largest << 2)));
}

/** [1, N, d] → [C, N, columns]. Slots: 2 rows, 3 d, 4 batch, 5 columns, 6 from, 7 to, 8 index (int32). */
export function gatherColumns(_thread: i32): void {
  const rows = int(2), dim = int(3), batch = int(4), columns = int(5);
  for (let unit = claim(); unit < rows * batch; unit = claim()) {
    const c = unit / rows, i = unit % rows;
    const from = address(6) + <usize>i * (<usize>dim << 2), to = address(7) + <usize>unit * (<usize>columns << 2);
    const index = address(8) + <usize>c * (<usize>columns << 2);
    for (let j = 0; j < columns; j++) {
      const source = load<i32>(index + (<usize>j << 2));
      store<f32>(to + (<usize>j << 2), source < 0 ? 0 : load<f32>(from + (<usize>source << 2)));
    }
  }
}

/** The adjoint: [C, N, columns] → [1, N, dim], adding up. Slots as there, from and to changing sides. */
export function scatterColumns(_thread: i32): void {
  const rows = int(2), dim = int(3), batch = int(4), columns = int(5);
  for (let i = claim(); i < rows; i = claim()) {
    const to = address(7) + <usize>i * (<usize>dim << 2);
    memory.fill(to, 0, <usize>dim << 2);
    for (let c = 0; c < batch; c++) {
      const from = address(6) + <usize>(c * rows + i) * (<usize>columns << 2);
      const index = address(8) + <usize>c * (<usize>columns << 2);
      for (let j = 0; j < columns; j++) {
        const target = load<i32>(index + (<usize>j << 2));
        if (target < 0) continue;
        const at = to + (<usize>target << 2);
        store<f32>(at, load<f32>(at) + load<f32>(from + (<usize>j << 2)));
      }
    }
  }
}
