/** The kernels behind `@comhe/wasm`. One entry: `run` does this thread's share of the command that the host wrote. */
import { combine, gatherColumns, reduce, scaleBatch, scatterColumns } from "./arrays";
import { int } from "./command";
import { matmul } from "./matmul";
import { mismatch, mismatchProduct } from "./mismatch";
import { pairwise, pairwiseProduct } from "./pairwise";
import { directions, innerProducts, productRows, pullback } from "./rows";
import { random } from "./random";
import { sketch } from "./sketch";
import { energies, losses, rootScales } from "./totals";

export { testAngle, testExponential, testLog, testPower } from "./functions";

/** The codes are `src/kernels/commands.ts`'s. */
export function run(thread: i32): void {
  switch (int(0)) {
    case 0: return pairwise(thread);
    case 1: return pairwiseProduct(thread);
    case 2: return mismatch(thread);
    case 3: return mismatchProduct(thread);
    case 4: return matmul(thread);
    case 5: return directions(thread);
    case 6: return pullback(thread);
    case 7: return productRows(thread);
    case 8: return innerProducts(thread);
    case 9: return energies(thread);
    case 10: return losses(thread);
    case 11: return rootScales(thread);
    case 12: return combine(thread);
    case 13: return scaleBatch(thread);
    case 14: return reduce(thread);
    case 15: return gatherColumns(thread);
    case 16: return scatterColumns(thread);
    case 17: return sketch(thread);
    case 18: return random(thread);
    default: unreachable();
  }
}
