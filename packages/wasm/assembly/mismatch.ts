/**
 * The mismatch of the angles of two sets with its gradient on the projected set, and its Hessian products, tile by tile. A
 * reference set that all batch entries share is the work of one thread per tile, entries in turn, since what goes across adds up there.
 */
import { MismatchCommand, MismatchFields, MismatchProductCommand } from "../generated/assembly/command-fields";
import { commandAs, scratchOf } from "./command";
import { addGradient, cosines } from "./gram";
import { measure, measured, measuredCurvature, measuredSlope, useMeasure } from "./measure";
import { NEAR_SQUARED } from "./potential";
import { splat, sum4 } from "./simd";
import { beyondMask, columnMask, lane, laneMask, pairAddress, squaredChord, storeBlock } from "./slopes";
import {
  BENDS, BENDS_TURNED, CROSS, CROSS_TURNED, SLOPES, SLOPES_TURNED,
  blockI, blockJ, countI, countJ, entry, nextTile, number, rowI, rowJ, tileDone, useTiles,
} from "./tiles";

let scratch: usize = 0;
let product: bool = false;
/** Whether pairs of a row with itself count: form root with ε > 0. */
let withDiagonal: bool = false;
let dim: i32 = 0;
let referenceDim: i32 = 0;
let zI: usize = 0;
let zJ: usize = 0;
let xI: usize = 0;
let xJ: usize = 0;
/** ε, and the 1/ρ of the tile's rows, of both sets. */
let epsilonZ: f64 = 0;
let epsilonX: f64 = 0;
let inversesZ: usize = 0;
let inversesX: usize = 0;
/** What goes across is f_ab·ḃ times the first minus f_a times the second. */
let crossScale: v128 = i64x2.splat(0);
let directScale: v128 = i64x2.splat(0);

/** Of the command: what the second term of the gradient goes to, and what only one of the two commands has. */
let gradientTo: usize = 0;
let lossesTo: usize = 0;
let turned: usize = 0;
let acrossTo: usize = 0;
let crossScales: usize = 0;

let rowSum: v128 = i64x2.splat(0);
let bend: v128 = i64x2.splat(0);
let across: v128 = i64x2.splat(0);

/** The mismatch of each tile, and its gradient on Z. */
export function mismatch(thread: i32): void {
  const command = commandAs<MismatchCommand>();
  product = false;
  gradientTo = command.gradient;
  lossesTo = command.losses;
  turned = acrossTo = crossScales = 0;
  mismatchTiles(thread, command.sets);
}

/** Ġ = (f_bb∘ḃ)Z + f_b Ż, and what goes across to the reference set. */
export function mismatchProduct(thread: i32): void {
  const command = commandAs<MismatchProductCommand>();
  product = true;
  gradientTo = command.change;
  lossesTo = 0;
  turned = command.turned;
  acrossTo = command.across;
  crossScales = command.crossScales;
  mismatchTiles(thread, command.sets);
}

function mismatchTiles(thread: i32, sets: MismatchFields): void {
  useTiles(sets.tiles);
  useMeasure(sets);
  scratch = scratchOf(thread);
  withDiagonal = sets.withDiagonal;
  const batch = sets.projectedBatch, referenceBatch = sets.tiles.batch;
  const z = sets.projected, g = gradientTo, losses = lossesTo, x = sets.reference;
  const rows = sets.tiles.rows, tiles = sets.tiles.count;
  dim = sets.projectedDim;
  referenceDim = sets.referenceDim;
  epsilonZ = sets.projectedEpsilon;
  epsilonX = sets.referenceEpsilon;
  const d = turned, scales = crossScales;
  const each = referenceBatch == 1 ? batch : 1;
  while (nextTile()) {
    const onDiagonal = blockI == blockJ;
    const reference = entry * rows;
    xI = x + <usize>(<u32>(reference + rowI)) * <usize>referenceDim * 4;
    xJ = x + <usize>(<u32>(reference + rowJ)) * <usize>referenceDim * 4;
    inversesX = sets.referenceInverses + (<usize>(reference + rowI) << 3);
    for (let n = 0; n < each; n++) {
      const c = entry + n;
      const first = c * rows;
      const atI = <usize>(<u32>(first + rowI)) * <usize>dim << 2;
      const atJ = <usize>(<u32>(first + rowJ)) * <usize>dim << 2;
      zI = z + atI;
      zJ = z + atJ;
      inversesZ = sets.projectedInverses + (<usize>(first + rowI) << 3);
      // A product overwrites them with what goes across.
      if (product || n == 0) cosines(xI, 0, countI, xJ, 0, countJ, referenceDim, scratch + CROSS, onDiagonal, false, scratch);
      cosines(zI, 0, countI, zJ, 0, countJ, dim, scratch + SLOPES, onDiagonal, false, scratch);
      if (product) {
        cosines(d + atI, 0, countI, zJ, 0, countJ, dim, scratch + BENDS, onDiagonal, false, scratch);
        cosines(zI, 0, countI, d + atJ, 0, countJ, dim, scratch + BENDS, onDiagonal, true, scratch);
        crossScale = splat(<f32>load<f64>(scales + (<usize>c << 4)));
        directScale = splat(<f32>load<f64>(scales + (<usize>c << 4), 8));
      }
      const loss = toSlopes(onDiagonal);
      if (losses != 0) store<f64>(losses + (<usize>(c * tiles + number) << 3), loss);
      if (product) {
        addGradient(scratch + BENDS_TURNED, zJ, 0, countJ, g + atI, countI, dim, !onDiagonal, scratch);
        addGradient(scratch + SLOPES_TURNED, d + atJ, 0, countJ, g + atI, countI, dim, true, scratch);
        const toI = acrossTo + (xI - x), toJ = acrossTo + (xJ - x);
        addGradient(scratch + CROSS_TURNED, xJ, 0, countJ, toI, countI, referenceDim, !onDiagonal || n > 0, scratch);
        if (!onDiagonal) {
          addGradient(scratch + BENDS, zI, 0, countI, g + atJ, countJ, dim, true, scratch);
          addGradient(scratch + SLOPES, d + atI, 0, countI, g + atJ, countJ, dim, true, scratch);
          addGradient(scratch + CROSS, xI, 0, countI, toJ, countJ, referenceDim, true, scratch);
        }
      } else {
        addGradient(scratch + SLOPES_TURNED, zJ, 0, countJ, g + atI, countI, dim, !onDiagonal, scratch);
        if (!onDiagonal) addGradient(scratch + SLOPES, zI, 0, countI, g + atJ, countJ, dim, true, scratch);
      }
    }
    tileDone();
  }
}

/** Cosines of both sets to f_b (and f_bb∘ḃ, and what goes across). Returns Σ f over unordered pairs, the diagonal counting half. */
function toSlopes(diagonal: bool): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < countI; i += 4) {
    let e0 = splat(0), e1 = splat(0), e2 = splat(0), e3 = splat(0);
    for (let j = diagonal ? i : 0; j < countJ; j += 4) {
      rowSum = e0;
      const k0 = pairs(i, j, diagonal), b0 = bend, c0 = across;
      e0 = rowSum;
      rowSum = e1;
      const k1 = pairs(i + 1, j, diagonal), b1 = bend, c1 = across;
      e1 = rowSum;
      rowSum = e2;
      const k2 = pairs(i + 2, j, diagonal), b2 = bend, c2 = across;
      e2 = rowSum;
      rowSum = e3;
      const k3 = pairs(i + 3, j, diagonal), b3 = bend, c3 = across;
      e3 = rowSum;
      storeBlock(scratch + SLOPES, scratch + SLOPES_TURNED, i, j, diagonal, k0, k1, k2, k3);
      if (product) {
        storeBlock(scratch + BENDS, scratch + BENDS_TURNED, i, j, diagonal, b0, b1, b2, b3);
        storeBlock(scratch + CROSS, scratch + CROSS_TURNED, i, j, diagonal, c0, c1, c2, c3);
      }
    }
    sum += (sum4(e0) + sum4(e1)) + (sum4(e2) + sum4(e3));
  }
  return sum;
}

let u: v128 = i64x2.splat(0);
let v: v128 = i64x2.splat(0);

/** Chords of row i with four columns; of near pairs (unit rows) from differences, of a row with itself from its deficit. */
function chords(base: usize, i: i32, j: i32, keep: v128, rowsI: usize, rowsJ: usize, width: i32, epsilon: f64, inverses: usize, onDiagonal: bool): void {
  const twice = f32x4.mul(splat(2), v128.load(pairAddress(base, i, j)));
  u = f32x4.sub(splat(2), twice);
  v = f32x4.add(splat(2), twice);
  if (epsilon == 0) {
    const near = v128.and(v128.or(f32x4.lt(u, splat(NEAR_SQUARED)), f32x4.lt(v, splat(NEAR_SQUARED))), keep);
    if (v128.any_true(near)) {
      const lanes = i32x4.bitmask(near);
      const rowBytes = <usize>width << 2;
      for (let n = 0; n < 4; n++) {
        if (!((lanes >> n) & 1) || (onDiagonal && j + n == i)) continue;
        const sign: f32 = lane(u, n) < lane(v, n) ? 1 : -1;
        const chord = splat(<f32>squaredChord(rowsI + <usize>i * rowBytes, rowsJ + <usize>(j + n) * rowBytes, width, sign));
        if (sign > 0) u = v128.bitselect(chord, u, laneMask(n));
        else v = v128.bitselect(chord, v, laneMask(n));
      }
    }
  }
  if (onDiagonal && withDiagonal && j <= i && i < j + 4) {
    const inverse = load<f64>(inverses + (<usize>i << 3));
    const deficit = inverse == 0 ? 1 : epsilon * inverse * inverse;
    const itself = laneMask(i - j);
    u = v128.bitselect(splat(<f32>(2 * deficit)), u, itself);
    v = v128.bitselect(splat(<f32>(4 - 2 * deficit)), v, itself);
  }
}

/** Row i with four columns: f_b; adds f to `rowSum`, leaves f_bb∘ḃ and what goes across. */
function pairs(i: i32, j: i32, diagonal: bool): v128 {
  if (i >= countI) {
    bend = across = splat(0);
    return splat(0);
  }
  let keep = columnMask(j, countJ);
  if (diagonal) keep = v128.and(keep, beyondMask(j, withDiagonal ? i - 1 : i));
  chords(scratch + CROSS, i, j, keep, xI, xJ, referenceDim, epsilonX, inversesX, diagonal);
  measure(u, v);
  const a = measured, slopeA = measuredSlope;
  chords(scratch + SLOPES, i, j, keep, zI, zJ, dim, epsilonZ, inversesZ, diagonal);
  measure(u, v);
  // Half of the diagonal here, since both triangles get it.
  let weight = splat(1);
  if (diagonal && withDiagonal && j <= i && i < j + 4) weight = v128.bitselect(splat(0.5), weight, laneMask(i - j));
  weight = v128.and(weight, keep);
  const error = f32x4.sub(a, measured);
  const minusTwice = f32x4.mul(splat(-2), weight);
  rowSum = f32x4.add(rowSum, f32x4.mul(f32x4.mul(error, error), weight));
  const fb = f32x4.mul(f32x4.mul(minusTwice, error), measuredSlope);
  if (product) {
    const change = v128.load(pairAddress(scratch + BENDS, i, j));
    const inner = f32x4.sub(f32x4.mul(error, measuredCurvature), f32x4.mul(measuredSlope, measuredSlope));
    bend = f32x4.mul(f32x4.mul(minusTwice, inner), change);
    const cross = f32x4.mul(f32x4.mul(measuredSlope, change), crossScale);
    across = f32x4.mul(f32x4.mul(minusTwice, slopeA), f32x4.add(cross, f32x4.mul(error, directScale)));
  }
  return fb;
}
