/** Sums of the tiles of each batch entry, in the order of the tiles: the same bits whatever the number of threads. */
import { EnergiesCommand, LossesCommand, RootScalesCommand } from "../generated/assembly/command-fields";
import { commandAs } from "./command";

function sumOf(from: usize, count: i32): f64 {
  let sum: f64 = 0;
  for (let n = 0; n < count; n++) sum += load<f64>(from + (<usize>n << 3));
  return sum;
}

// @ts-ignore: decorator
@inline function at(base: usize, n: i32): usize { return base + (<usize>n << 3); }

/** Energies of the batch entries, from those of tiles and the self terms. */
export function energies(thread: i32): void {
  if (thread != 0) return;
  const command = commandAs<EnergiesCommand>();
  const batch = command.batch, tiles = command.tiles, rows = command.rows;
  for (let c = 0; c < batch; c++) {
    let energy = command.weight * sumOf(at(command.tileEnergies, c * tiles), tiles);
    if (command.selfEnergies != 0) energy += command.selfWeight * sumOf(at(command.selfEnergies, c * rows), rows);
    store<f32>(command.to + (<usize>c << 2), <f32>energy);
  }
}

/** Losses of the mismatch and, for form root, 1/(2L). */
export function losses(thread: i32): void {
  if (thread != 0) return;
  const command = commandAs<LossesCommand>();
  const batch = command.batch, tiles = command.tiles;
  for (let c = 0; c < batch; c++) {
    let loss = command.weight * sumOf(at(command.tileLosses, c * tiles), tiles);
    let scale: f64 = 1;
    if (command.isRoot) {
      loss = sqrt(loss);
      scale = loss == 0 ? 0 : 0.5 / loss;
    }
    store<f64>(at(command.losses, c), loss);
    store<f64>(at(command.scales, c), scale);
    store<f32>(command.to + (<usize>c << 2), <f32>loss);
  }
}

/**
 * What the root adds to Hessian products, from P_c = ⟨gradient, V⟩: P/L, and the two scales of what goes across, 1/(2L) and P/(2L²)
 * (1 and 0 for form mean).
 */
export function rootScales(thread: i32): void {
  if (thread != 0) return;
  const command = commandAs<RootScalesCommand>();
  const batch = command.batch;
  for (let c = 0; c < batch; c++) {
    const loss = load<f64>(at(command.losses, c)), along = load<f64>(at(command.along, c));
    const root = command.isRoot, zero = loss == 0;
    store<f64>(at(command.turns, c), root && !zero ? along / loss : 0);
    store<f64>(at(command.crossScales, 2 * c), !root ? 1 : zero ? 0 : 0.5 / loss);
    store<f64>(at(command.crossScales, 2 * c + 1), root && !zero ? (0.5 * along) / loss / loss : 0);
  }
}
