/**
 * The kernels behind `@comhe/wasm`, but for the statistics of pairs, which are a module of their own (`statistics-kernels.ts`). One
 * entry: `run` does this thread's share of the command that the host wrote.
 */
import { Command, HeaderFields } from "../generated/assembly/command-fields";
import { combine, gatherColumns, reduce, scaleBatch, scatterColumns } from "./arrays";
import { commandAs } from "./command";
import { matmul } from "./matmul";
import { pairwiseEnergy, selfEnergies } from "./energy";
import { mismatch, mismatchProduct } from "./mismatch";
import { pairwise, pairwiseProduct } from "./pairwise";
import { directions, innerProducts, productRows, pullback } from "./rows";
import { random } from "./random";
import { sketch } from "./sketch";
import { energies, losses, rootScales } from "./totals";

export function run(thread: i32): void {
  switch (commandAs<HeaderFields>().command) {
    case Command.pairwise: return pairwise(thread);
    case Command.pairwiseProduct: return pairwiseProduct(thread);
    case Command.pairwiseEnergy: return pairwiseEnergy(thread);
    case Command.selfEnergies: return selfEnergies(thread);
    case Command.mismatch: return mismatch(thread);
    case Command.mismatchProduct: return mismatchProduct(thread);
    case Command.matmul: return matmul(thread);
    case Command.directions: return directions(thread);
    case Command.pullback: return pullback(thread);
    case Command.productRows: return productRows(thread);
    case Command.innerProducts: return innerProducts(thread);
    case Command.energies: return energies(thread);
    case Command.losses: return losses(thread);
    case Command.rootScales: return rootScales(thread);
    case Command.combine: return combine(thread);
    case Command.scaleBatch: return scaleBatch(thread);
    case Command.reduce: return reduce(thread);
    case Command.gatherColumns: return gatherColumns(thread);
    case Command.scatterColumns: return scatterColumns(thread);
    case Command.sketch: return sketch(thread);
    case Command.random: return random(thread);
    default: unreachable();
  }
}
