/** Operations that touch every number once. */
import {
  CombineCommand, GatherColumnsCommand, ReduceCommand, ScaleBatchCommand, ScatterColumnsCommand,
} from "../generated/assembly/command-fields";
import { claim, commandAs } from "./command";
import { multiplyAdd, splat } from "./simd";

const AT_ONCE = 1 << 14;

/** to = (add ? to : 0) + scale·from, from repeating. */
export function combine(_thread: i32): void {
  const command = commandAs<CombineCommand>();
  const size = command.size, period = command.period;
  const to = command.to, from = command.from;
  const scale = <f32>command.scale;
  const add = command.add;
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

/** Each batch entry times its weight. */
export function scaleBatch(_thread: i32): void {
  const command = commandAs<ScaleBatchCommand>();
  const batch = command.batch, size = command.size;
  for (let c = claim(); c < batch; c = claim()) {
    const weight = load<f32>(command.weights + (<usize>(command.weightsBatch == 1 ? 0 : c) << 2));
    const entry = <usize>size << 2;
    combineRun(command.to + <usize>c * entry, command.from + <usize>(command.fromBatch == 1 ? 0 : c) * entry, size, weight, false);
  }
}

/** Energies to one, their mean or the first of the largest, with its derivatives in each. */
export function reduce(thread: i32): void {
  if (thread != 0) return;
  const command = commandAs<ReduceCommand>();
  const batch = command.batch;
  const energies = command.energies, weights = command.weights;
  if (!command.isMax) {
    let sum: f64 = 0;
    for (let c = 0; c < batch; c++) {
      sum += <f64>load<f32>(energies + (<usize>c << 2));
      store<f32>(weights + (<usize>c << 2), <f32>(1 / <f64>batch));
    }
    store<f32>(command.energy, <f32>(sum / <f64>batch));
    return;
  }
  let largest = 0;
  for (let c = 0; c < batch; c++) {
    if (load<f32>(energies + (<usize>c << 2)) > load<f32>(energies + (<usize>largest << 2))) largest = c;
    store<f32>(weights + (<usize>c << 2), 0);
  }
  store<f32>(weights + (<usize>largest << 2), 1);
  store<f32>(command.energy, load<f32>(energies + (<usize>largest << 2)));
}

/** [1, N, d] → [C, N, columns] */
export function gatherColumns(_thread: i32): void {
  const command = commandAs<GatherColumnsCommand>();
  const rows = command.rows, dim = command.dim, batch = command.batch, columns = command.columns;
  for (let unit = claim(); unit < rows * batch; unit = claim()) {
    const c = unit / rows, i = unit % rows;
    const from = command.from + <usize>i * (<usize>dim << 2), to = command.to + <usize>unit * (<usize>columns << 2);
    const index = command.index + <usize>c * (<usize>columns << 2);
    for (let j = 0; j < columns; j++) {
      const source = load<i32>(index + (<usize>j << 2));
      store<f32>(to + (<usize>j << 2), source < 0 ? 0 : load<f32>(from + (<usize>source << 2)));
    }
  }
}

/** The adjoint: [C, N, columns] → [1, N, dim], adding up. */
export function scatterColumns(_thread: i32): void {
  const command = commandAs<ScatterColumnsCommand>();
  const rows = command.rows, dim = command.dim, batch = command.batch, columns = command.columns;
  for (let i = claim(); i < rows; i = claim()) {
    const to = command.to + <usize>i * (<usize>dim << 2);
    memory.fill(to, 0, <usize>dim << 2);
    for (let c = 0; c < batch; c++) {
      const from = command.from + <usize>(c * rows + i) * (<usize>columns << 2);
      const index = command.index + <usize>c * (<usize>columns << 2);
      for (let j = 0; j < columns; j++) {
        const target = load<i32>(index + (<usize>j << 2));
        if (target < 0) continue;
        const at = to + (<usize>target << 2);
        store<f32>(at, load<f32>(at) + load<f32>(from + (<usize>j << 2)));
      }
    }
  }
}
