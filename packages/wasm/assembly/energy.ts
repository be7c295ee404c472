/** The pairwise energy without its gradient: one product a tile in place of three. */
import { PairwiseEnergyCommand, SelfEnergiesCommand } from "../generated/assembly/command-fields";
import { claim, commandAs, scratchOf } from "./command";
import { cosines, packForCosines, packedSize } from "./gram";
import { listNear } from "./near";
import { phi, usePair, value } from "./potential";
import { splat } from "./simd";
import { lane } from "./slopes";
import {
  SLOPES, blockAt, blockI, blockJ, countI, countJ, entry, nextTile, number, rowI, rowJ, side, tileDone, useTiles,
} from "./tiles";
import { sumValues, sweepValues, sweptSum } from "./values";

/** Σψ of each tile. */
export function pairwiseEnergy(thread: i32): void {
  const command = commandAs<PairwiseEnergyCommand>();
  const shared = command.pairs;
  useTiles(shared.tiles);
  usePair(shared.pair);
  const scratch = scratchOf(thread);
  const x = shared.directions, energies = command.energies, packed = command.packedForCosines;
  const rows = shared.tiles.rows, tiles = shared.tiles.count, dim = shared.dim;
  const blockBytes = packedSize(side, dim) << 2;
  while (nextTile()) {
    const first = entry * rows;
    const xI = x + (<usize>(<u32>(first + rowI)) * <usize>dim << 2);
    const xJ = x + (<usize>(<u32>(first + rowJ)) * <usize>dim << 2);
    const diagonal = blockI == blockJ;
    let cI: usize = 0, cJ: usize = 0;
    if (packed != 0) {
      cI = packed + blockAt(blockI) * blockBytes;
      cJ = packed + blockAt(blockJ) * blockBytes;
      // Every block meets itself before others.
      if (diagonal) packForCosines(xI, countI, dim, cI);
    }
    cosines(xI, cI, countI, xJ, cJ, countJ, dim, scratch + SLOPES, diagonal, false, scratch);
    let energy: f64 = 0;
    if (sweepValues(scratch, countI, countJ, diagonal)) energy = sweptSum;
    else {
      const inverses = shared.inverses + (<usize>first << 3);
      listNear(
        scratch, countI, countJ, diagonal, xI, xJ, dim, shared.epsilon, inverses + (<usize>rowI << 3), inverses + (<usize>rowJ << 3),
      );
      energy = sumValues(scratch, countI, countJ, diagonal, false);
    }
    store<f64>(energies + (<usize>(entry * tiles + number) << 3), energy);
    tileDone();
  }
}

/** Rows that a thread claims at once. */
const AT_ONCE = 1024;

/** φ(−x_iᵀx_i) of each row, from 1 − x_iᵀx_i = ε/ρ²; a row without direction has x = 0. */
export function selfEnergies(_thread: i32): void {
  const command = commandAs<SelfEnergiesCommand>();
  usePair(command.pair);
  const rows = command.rows, epsilon = command.epsilon;
  for (let first = claim() * AT_ONCE; first < rows; first = claim() * AT_ONCE) {
    for (let i = first, last = min(rows, first + AT_ONCE); i < last; i++) {
      const inverse = load<f64>(command.inverses + (<usize>i << 3));
      const deficit = inverse == 0 ? 1 : epsilon * inverse * inverse;
      phi(splat(<f32>(4 - 2 * deficit)), splat(<f32>(2 * deficit)));
      store<f64>(command.to + (<usize>i << 3), <f64>lane(value, 0));
    }
  }
}
